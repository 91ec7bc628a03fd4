// The theme's button for printing has its script in an attribute, which the content
// security policy refuses; algollm_book/policy.py marks it for this one instead.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
