/** Modes of modules: training or evaluation. */

interface WithModes {
  namedModules(): readonly (readonly [path: string, module: { training: boolean }])[];
}

/** Returns a function that gives each module the mode that it has now. */
export function modesOf(model: WithModes): () => void {
  const modes = model.namedModules().map(([, module]) => [module, module.training] as const);
  return () => {
    for (const [module, training] of modes) module.training = training;
  };
}
