"""Somebody who has only a keyboard: they go from control to control, see where they are, and press keys."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page

# The focused element, in shadow roots too; where its ring is drawn: on itself, or on the label or part beside it that stands for it.
FOCUSED = """() => {
  let at = document.activeElement;
  while (at && at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body || at.shadowRoot) return null;
  const ring = (element) => {
    const style = element && getComputedStyle(element);
    const seen = style && !/^(transparent|rgba\\(.*, 0\\))$/.test(style.outlineColor);
    return seen && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const ringed = [at, at.closest("label"), at.nextElementSibling, at.parentElement].find(ring);
  const box = (ringed || at).getBoundingClientRect();
  const visible = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return { what: at.outerHTML.slice(0, 160), seen: Boolean(ringed) && visible };
}"""
HAS_FOCUS = "element => element.getRootNode().activeElement === element"


class Keyboard:
    """The keyboard of one page. Whatever gets the focus on the way has to show it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sees_the_focus(self) -> None:
        """See where the focus is; an AssertionError names the control that does not show it."""
        at: dict[str, Any] | None = await self.page.evaluate(FOCUSED)
        assert at is None or at["seen"], f"nobody sees that this has the focus: {at['what']}"

    async def goes_to(self, target: Locator, *, key: str = "Tab", most: int = 60) -> None:
        """Press a key until a control has the focus, seeing each step on the way."""
        await target.wait_for()
        passed = []
        for _ in range(most):
            if await target.evaluate(HAS_FOCUS):
                await self.sees_the_focus()
                return
            await self.page.keyboard.press(key)
            await self.sees_the_focus()
            passed.append((await self.page.evaluate(FOCUSED) or {}).get("what", "the page"))
        raise AssertionError(f"{target} is not reached with {key}; passed: {passed}")

    async def presses(self, target: Locator, key: str = "Enter") -> None:
        """Go to a control and press a key on it."""
        await self.goes_to(target)
        await self.page.keyboard.press(key)

    async def chooses(self, group: Locator, wanted: Locator) -> None:
        """Go to a group of radio buttons, which is one stop, and by arrow to the one that is wanted."""
        await wanted.wait_for()
        for _ in range(60):
            if await group.evaluate_all("all => all.some(each => each.getRootNode().activeElement === each)"):
                break
            await self.page.keyboard.press("Tab")
            await self.sees_the_focus()
        await self.goes_to(wanted, key="ArrowDown")
        await self.page.keyboard.press("Space")

    async def types(self, field: Locator, text: str) -> None:
        """Go to a field and write."""
        await self.goes_to(field)
        await self.page.keyboard.type(text)
