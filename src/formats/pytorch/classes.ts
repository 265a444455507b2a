/** The classes and functions that a pickle may name: those that PyTorch allows with `weights_only`. */
import type { ElementType } from '../elements.js';
import { Dict, Global, Storage, View } from './objects.js';

/** Throws an error about the call at hand. */
type Refuse = (problem: string) => never;

/** What becomes of the arguments of a call. */
type Call = (args: readonly unknown[], refuse: Refuse) => unknown;

/** The storage classes of PyTorch, and the types of their elements. */
const STORAGES: ReadonlyMap<string, ElementType> = new Map([
  ['FloatStorage', 'f32'],
  ['DoubleStorage', 'f64'],
  ['HalfStorage', 'f16'],
  ['BFloat16Storage', 'bf16'],
  ['LongStorage', 'i64'],
  ['IntStorage', 'i32'],
  ['ShortStorage', 'i16'],
  ['CharStorage', 'i8'],
  ['ByteStorage', 'u8'],
  ['BoolStorage', 'bool'],
]);

/** Storage classes without an element type. */
const UNTYPED = new Set(['torch.storage.UntypedStorage', 'torch.storage._UntypedStorage', 'torch.UntypedStorage']);

/** The dtypes that tensors of an untyped storage can have. */
const DTYPES: Readonly<Record<string, ElementType>> = {
  'torch.float32': 'f32',
  'torch.float64': 'f64',
  'torch.float16': 'f16',
  'torch.bfloat16': 'bf16',
  'torch.int64': 'i64',
  'torch.int32': 'i32',
  'torch.int16': 'i16',
  'torch.int8': 'i8',
  'torch.uint8': 'u8',
  'torch.uint16': 'u16',
  'torch.uint32': 'u32',
  'torch.uint64': 'u64',
  'torch.bool': 'bool',
};

/** Tensors that there are in PyTorch, but not here: what messages say of them. */
const FOREIGN: Readonly<Record<string, string>> = {
  'torch.ComplexFloatStorage': 'a complex tensor',
  'torch.ComplexDoubleStorage': 'a complex tensor',
  'torch.QInt8Storage': 'a quantised tensor',
  'torch.QInt32Storage': 'a quantised tensor',
  'torch.QUInt8Storage': 'a quantised tensor',
  'torch.QUInt4x2Storage': 'a quantised tensor',
  'torch.QUInt2x4Storage': 'a quantised tensor',
  'torch._utils._rebuild_qtensor': 'a quantised tensor',
  'torch._utils._rebuild_sparse_tensor': 'a sparse tensor',
  'torch._utils._rebuild_sparse_csr_tensor': 'a sparse tensor',
  'torch._utils._rebuild_meta_tensor_no_storage': 'a tensor without elements (of the device meta)',
  'torch._utils._rebuild_nested_tensor': 'a nested tensor',
  'torch._utils._rebuild_wrapper_subclass': 'a tensor of a subclass',
};

/** @throws when the function cannot be called like this; `refuse` is what throws */
export function callGlobal(name: string, args: readonly unknown[], refuse: Refuse): unknown {
  if (Object.hasOwn(FOREIGN, name)) refuse(`it has ${FOREIGN[name]}, which is not read`);
  const call = CALLS.get(name);
  return call === undefined ? refuse(`it calls ${name}, which is not a function`) : call(args, refuse);
}

/** Whether a pickle may name this class or function. */
export function isGlobal(name: string): boolean {
  return (
    CALLS.has(name) ||
    UNTYPED.has(name) ||
    Object.hasOwn(DTYPES, name) ||
    Object.hasOwn(FOREIGN, name) ||
    name === 'torch.strided' ||
    storageType(name) !== undefined
  );
}

function storageType(name: string): ElementType | undefined {
  const [, own] = /^torch\.(?:cuda\.)?(\w+)$/.exec(name) ?? [];
  return own === undefined ? undefined : STORAGES.get(own);
}

/** The element type that a persistent id names; bytes for an untyped storage. */
export function elementTypeOf(storage: unknown, refuse: Refuse): ElementType {
  const { name } = storage instanceof Global ? storage : refuse('a storage has no class');
  if (Object.hasOwn(FOREIGN, name)) refuse(`it has ${FOREIGN[name]}, which is not read`);
  return UNTYPED.has(name) ? 'u8' : (storageType(name) ?? refuse(`${name} is not the class of a storage`));
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', dictOf],
  ['collections.Counter', dictOf],
  ['torch.Size', listOf],
  ['builtins.set', listOf],
  ['builtins.frozenset', listOf],
  ['builtins.bytearray', bytesOf],
  ['_codecs.encode', bytesOf],
  ['torch.device', (args) => args.map(String).join(':')],
  ['torch.serialization._get_layout', ([name]) => String(name)],
  ['torch._utils._rebuild_tensor', rebuild],
  ['torch._utils._rebuild_tensor_v2', rebuild],
  ['torch._utils._rebuild_tensor_v3', rebuildUntyped],
  ['torch._utils._rebuild_parameter', ([tensor]) => tensor],
  ['torch._utils._rebuild_parameter_with_state', ([tensor]) => tensor],
  ['torch.nn.parameter.Parameter', ([tensor]) => tensor],
  ['torch._tensor._rebuild_from_type_v2', rebuildFromType],
  ['torch.Tensor', (_, refuse) => refuse('it makes a torch.Tensor without a storage')],
]);

/** A dict, empty or of pairs. */
function dictOf([given = []]: readonly unknown[], refuse: Refuse): Dict {
  if (given instanceof Dict) return given;
  const dict = new Dict();
  if (!Array.isArray(given)) return refuse('a dict is made of what are not pairs');
  for (const pair of given as unknown[]) {
    const [key, value] =
      Array.isArray(pair) && pair.length === 2 ? pair : refuse('a dict is made of what are not pairs');
    if (typeof key !== 'string') return refuse('the key of a dict is not a text');
    dict.entries.set(key, value);
  }
  return dict;
}

function listOf([given = []]: readonly unknown[], refuse: Refuse): unknown[] {
  return Array.isArray(given) ? [...(given as unknown[])] : refuse('a list is made of what is not one');
}

/** Bytes, which protocol 2 has as a text of the characters 0 to 255. */
function bytesOf([given = '', encoding = 'latin1']: readonly unknown[], refuse: Refuse): Uint8Array {
  if (given instanceof Uint8Array) return given;
  if (typeof given !== 'string' || !/^latin-?1$/.test(String(encoding))) return refuse('bytes are not given as a text');
  return Uint8Array.from(given, (character) => character.charCodeAt(0));
}

/** storage, offset, size, stride, requires_grad, hooks, metadata */
function rebuild(args: readonly unknown[], refuse: Refuse): View {
  const [storage, offset, size, stride, , , metadata] = args;
  if (metadata instanceof Dict && metadata.entries.size > 0)
    refuse(`it has a tensor that is a view of another kind (${[...metadata.entries.keys()].join(', ')})`);
  if (!(storage instanceof Storage)) return refuse('a tensor has no storage');
  return viewOf(storage, storage.type, offset, size, stride, refuse);
}

/** storage, offset, size, stride, requires_grad, hooks, dtype, metadata */
function rebuildUntyped(args: readonly unknown[], refuse: Refuse): View {
  const [storage, offset, size, stride, , , dtype, metadata] = args;
  if (metadata instanceof Dict && metadata.entries.size > 0)
    refuse(`it has a tensor that is a view of another kind (${[...metadata.entries.keys()].join(', ')})`);
  const name = dtype instanceof Global ? dtype.name : '';
  if (!(storage instanceof Storage)) return refuse('a tensor has no storage');
  if (!Object.hasOwn(DTYPES, name)) return refuse(`a tensor has the dtype ${JSON.stringify(name)}`);
  return viewOf(storage, DTYPES[name]!, offset, size, stride, refuse);
}

function viewOf(
  storage: Storage,
  type: ElementType,
  offset: unknown,
  size: unknown,
  stride: unknown,
  refuse: Refuse,
): View {
  if (!isIndex(offset) || !isIndices(size) || !isIndices(stride) || size.length !== stride.length)
    return refuse('a tensor has sizes, strides or an offset that are not whole numbers ≥ 0');
  return new View(storage, type, offset, size, stride);
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isIndices = (value: unknown): value is number[] => Array.isArray(value) && value.every(isIndex);

/** function, class, arguments, state: a tensor with attributes, which are left out. */
function rebuildFromType([called, , args]: readonly unknown[], refuse: Refuse): unknown {
  if (!(called instanceof Global) || !Array.isArray(args) || called.name === 'torch._tensor._rebuild_from_type_v2')
    return refuse('a tensor is made of what is not one');
  return callGlobal(called.name, args, refuse);
}
