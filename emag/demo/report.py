"""The demo's output: numbered steps, and results marked ✓ or ✗."""

from rich.console import Console
from rich.markup import escape
from rich.text import Text


class DemoReport:
    """Prints steps and results; `ok` is False after the first failed result."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps = 0
        self.ok = True

    def title(self, title: str, below: str) -> None:
        """Prints the title and a line below it."""
        self._console.print()
        self._console.print(Text(title, style="bold"))
        self._console.print(Text(below, style="dim"), soft_wrap=True)

    def step(self, title: str) -> None:
        """Prints the heading of the next step."""
        self._steps += 1
        self._console.print(f"\n[bold cyan]{self._steps}[/]  [bold]{escape(title)}[/]")

    def result(self, text: str, *, ok: bool = True) -> None:
        """Prints a result; one that is not `ok` makes the demo fail at its end."""
        mark = "[green]✓[/]" if ok else "[bold red]✗[/]"
        self._console.print(f"   {mark} {escape(text)}", highlight=False, soft_wrap=True)
        self.ok = self.ok and ok

    def detail(self, text: str) -> None:
        """Prints a line below a result."""
        self._console.print(f"     [dim]{escape(text)}[/]", highlight=False, soft_wrap=True)

    def links(self, links: dict[str, str]) -> None:
        """Prints addresses by name."""
        self._console.print()
        for name, address in links.items():
            line = f"   {name:<12}[cyan]{address}[/]"
            self._console.print(line, highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """Prints a remark."""
        self._console.print(f"   [dim]{escape(text)}[/]", highlight=False, soft_wrap=True)

    def end(self, text: str, *, good: bool) -> None:
        """Prints the last line."""
        style = "bold green" if good else "bold red"
        self._console.print(f"\n[{style}]{escape(text)}[/]", highlight=False, soft_wrap=True)
