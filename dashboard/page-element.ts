/**
 * Finds an element of the page by its id.
 * @throws {TypeError} when there is none of this type: index.html and the code do not fit.
 */
export function pageElement<Type extends HTMLElement>(id: string, type: abstract new () => Type): Type {
  const element = document.querySelector(`#${id}`);
  if (element instanceof type) return element;
  throw new TypeError(`index.html has no ${type.name} with the id ${id}`);
}

/**
 * Makes a copy of a template of the page: its one outer element and a way to find those inside by their class.
 * @throws {TypeError} when a class is missing or of another type.
 */
export function copyTemplate(id: string): {
  readonly root: HTMLElement;
  readonly part: <Type extends HTMLElement>(name: string, type: abstract new () => Type) => Type;
} {
  const root = pageElement(id, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(root instanceof HTMLElement)) throw new TypeError(`the template ${id} is empty`);
  return {
    root,
    part: (name, type) => {
      const element = root.querySelector(`.${name}`);
      if (element instanceof type) return element;
      throw new TypeError(`the template ${id} has no ${type.name} of the class ${name}`);
    },
  };
}
