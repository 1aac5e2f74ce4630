// The theme's arrows beside the pages of a section have no name for those who listen to the page.
document.addEventListener("DOMContentLoaded", () => {
  for (const arrow of document.querySelectorAll("summary")) {
    if (!arrow.textContent.trim()) arrow.setAttribute("aria-label", "Pages below");
  }
});
