import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ROUTE_ACCESS, type RouteAccess } from '../src/http/route-access.js';

export interface DeclaredRoute {
  /** Such as `KeysController.rotate`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `:id` where a parameter stands. */
  readonly path: string;
  readonly access: RouteAccess | undefined;
  /** Body, query and path parameters whose decorator carries no schema. */
  readonly unchecked: readonly string[];
  readonly takesBody: boolean;
}

const CHECKED: readonly number[] = [
  RouteParamtypes.BODY,
  RouteParamtypes.QUERY,
  RouteParamtypes.PARAM,
  RouteParamtypes.RAW_BODY,
];

/** Every route of every controller of the application, as its decorators declare it. */
export function declaredRoutes(app: NestFastifyApplication): DeclaredRoute[] {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as new () => object;
    const { prototype } = controller;
    return scanner
      .getAllMethodNames(prototype)
      .filter((name) => Reflect.hasMetadata(PATH_METADATA, Reflect.get(prototype, name)))
      .map((name) => describeRoute(controller, name));
  });
}

function describeRoute(controller: new () => object, name: string): DeclaredRoute {
  const handler = Reflect.get(controller.prototype, name) as () => unknown;
  const args: Record<string, { schema?: unknown }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {};
  const parameters = Object.entries(args).map(([key, { schema }]) => ({
    type: Number(key.split(':')[0]),
    key,
    schema,
  }));
  const [base, path] = [controller, handler].map((target) =>
    String(Reflect.getMetadata(PATH_METADATA, target)).replace(/^\/|\/$/g, ''),
  );
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
  return {
    name: `${controller.name}.${name}`,
    method: method as DeclaredRoute['method'],
    path: `/${[base, path].filter(Boolean).join('/')}`,
    access:
      Reflect.getMetadata(ROUTE_ACCESS, handler) ?? Reflect.getMetadata(ROUTE_ACCESS, controller),
    unchecked: parameters
      .filter(({ type, schema }) => CHECKED.includes(type) && schema === undefined)
      .map(({ key }) => key),
    takesBody: parameters.some(({ type }) => type === RouteParamtypes.BODY),
  };
}
