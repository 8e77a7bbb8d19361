/**
 * A class from the inside of a library of ours, as every other module of the process sees it: what is
 * changed about its prototype is changed for all.
 * @param file below the library's sources, without extension
 */
export async function inside(library: string, file: string, name: string): Promise<Breakable> {
  const index = import.meta.resolve(library);
  const extension = index.slice(index.lastIndexOf('.'));
  const module: unknown = await import(new URL(file + extension, index).href);
  const found = (module as Record<string, Breakable | undefined>)[name];
  if (found === undefined) throw new Error(`${library} has no ${name} in ${file} any more`);
  return found;
}

/** A class, for whoever means to break it. */
export interface Breakable {
  readonly prototype: object;
}

/** Puts another method in a method's place. @throws {Error} when there is none of that name */
export function replaceMethod({ prototype }: Breakable, name: string, method: () => unknown): void {
  if (!Object.hasOwn(prototype, name)) throw new Error(`there is no method ${name} any more`);
  Object.defineProperty(prototype, name, { value: method, configurable: true, writable: true });
}
