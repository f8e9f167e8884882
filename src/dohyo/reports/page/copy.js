// Gives every table a button that copies it as tab-separated values, for a spreadsheet.
"use strict";
{
  const { copy, copied } = document.body.dataset;
  const cells = row => [...row.cells].map(cell => cell.innerText.replace(/\s+/g, " ").trim());
  const tsv = table => [...table.rows].map(row => cells(row).join("\t")).join("\n");
  for (const table of document.querySelectorAll("table")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = copy;
    button.setAttribute("aria-label", `${copy}: ${table.caption.innerText}`);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(tsv(table));
        button.textContent = copied;
        setTimeout(() => { button.textContent = copy; }, 2000);
      } catch {
        // A browser that keeps the clipboard from local files: leave the table selected.
        getSelection().selectAllChildren(table);
      }
    });
    table.before(button);
  }
}
