// On the page for wrong addresses, of a site that does not know its own address: the
// book's start, found by asking each folder above for the file that only a root has.
(async () => {
  const link = document.querySelector("a[data-start]");
  const folders = location.pathname.split("/").slice(0, -1);
  for (; folders.length; folders.pop()) {
    const folder = `${folders.join("/")}/`;
    const answer = await fetch(`${folder}objects.inv`, { method: "HEAD" });
    if (!answer.ok) continue;
    link.href = folder + link.dataset.start;
    link.hidden = false;
    return;
  }
})();
