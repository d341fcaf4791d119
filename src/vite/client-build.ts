import type { Environment, ResolvedConfig } from 'vite';

/** How what browsers get is built; `undefined` while it is a server's side that is built. Vite before 6 has no environments. */
export function clientBuildOf(
  environment: Environment | undefined,
  config: ResolvedConfig,
): ResolvedConfig['build'] | undefined {
  if (environment) return environment.config.consumer === 'client' ? environment.config.build : undefined;
  return config.build.ssr ? undefined : config.build;
}
