import type { ESTree, Plugin } from 'vite';

/** For each package, the methods and accessors of its classes that are called; what a class has beside them is dropped. */
export type CalledMethods = Readonly<Record<string, readonly string[]>>;

/**
 * Drops methods that are never called from the classes of packages: no bundler can, because a method may be called by a
 * name it cannot see. Works on classes and on assignments to a `prototype`, at a module's top level, and drops what stands
 * there in a `try` (probing for optional parts). A package in CommonJS becomes a module on the way, so that the bundler's
 * own shaking works on the rest.
 */
export function dropUnusedMethods(called: CalledMethods): Plugin {
  return {
    name: 'drop-unused-methods',
    transform(code, id) {
      const kept = called[/node_modules\/((?:@[^/]+\/)?[^/]+)\/[^?]*$/.exec(id)?.[1] ?? ''];
      if (!kept) return null;
      const dropped = this.parse(code).body.flatMap((statement) => unusedIn(statement, kept));
      const rest = dropped.reduceRight(
        (text, { start, end }) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
        code,
      );
      return { code: toModule(rest), map: null };
    },
  };
}

type Statement = ESTree.Program['body'][number];

interface Range {
  readonly start: number;
  readonly end: number;
}

function unusedIn(statement: Statement, kept: readonly string[]): readonly Range[] {
  const isUnused = (name: string) => name !== 'constructor' && !kept.includes(name);
  switch (statement.type) {
    case 'ClassDeclaration':
      return statement.body.body.filter(
        (member) => member.type === 'MethodDefinition' && member.key.type === 'Identifier' && isUnused(member.key.name),
      );
    case 'ExpressionStatement': {
      const assigned = statement.expression.type === 'AssignmentExpression' ? statement.expression.left : undefined;
      const isMethod =
        assigned?.type === 'MemberExpression' &&
        assigned.property.type === 'Identifier' &&
        assigned.object.type === 'MemberExpression' &&
        isUnused(assigned.property.name);
      return isMethod ? [statement] : [];
    }
    case 'TryStatement':
      return [statement];
    default:
      return [];
  }
}

/** `require` and `module.exports` as they stand alone on a line. */
function toModule(code: string): string {
  return code
    .replace(/^const (\w+) = require\((.+)\)$/gm, 'import $1 from $2')
    .replace(/^module\.exports = /m, 'export default ');
}
