"""What the demo prints: steps, and facts with a tick where they hold."""

from rich.console import Console
from rich.markup import escape
from rich.text import Text


class Teller:
    """Prints as things happen; `ok` is False once a fact did not hold."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._steps = 0
        self.ok = True

    def title(self, title: str, below: str) -> None:
        self._console.print()
        self._console.print(Text(title, style="bold"))
        self._console.print(Text(below, style="dim"), soft_wrap=True)

    def step(self, title: str) -> None:
        self._steps += 1
        self._console.print(f"\n[bold cyan]{self._steps}[/]  [bold]{escape(title)}[/]")

    def fact(self, text: str, *, holds: bool = True) -> bool:
        """One line with its tick. A fact that does not hold fails the whole demo, at its end."""
        mark = "[green]✓[/]" if holds else "[bold red]✗[/]"
        self._console.print(f"   {mark} {escape(text)}", highlight=False, soft_wrap=True)
        self.ok = self.ok and holds
        return holds

    def remark(self, text: str) -> None:
        self._console.print(f"     [dim]{escape(text)}[/]", highlight=False, soft_wrap=True)

    def links(self, links: dict[str, str]) -> None:
        self._console.print()
        for name, address in links.items():
            line = f"   {name:<12}[cyan]{address}[/]"
            self._console.print(line, highlight=False, soft_wrap=True)

    def end(self, text: str, *, good: bool) -> None:
        style = "bold green" if good else "bold red"
        self._console.print(f"\n[{style}]{escape(text)}[/]", highlight=False, soft_wrap=True)
