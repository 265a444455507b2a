export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly source: string;
  readonly texts: readonly { readonly title: string; readonly text: string }[];
  readonly bundles: readonly string[];
}

export interface BundleRecord {
  readonly compiler: string | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

export const LICENSES_FILE: string;
export const LICENSES_BANNER: string;
export function packageFolder(module: string): string | null;
export function licenseOf(folder: string): Omit<BundledPackage, 'bundles'>;
export function bundledPackages(record: Readonly<Record<string, BundleRecord>>): BundledPackage[];
export function licensesText(packages: readonly BundledPackage[]): string;
