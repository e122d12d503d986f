# SPDX-License-Identifier: MIT
"""The smallest x86-64 minidump that a stackwalker reads: one thread, one module."""
import struct

AMD64, WINDOWS, LINUX = 9, 2, 0x8201
SYSTEM_INFO, THREAD_LIST, MODULE_LIST, MEMORY_LIST = 7, 3, 4, 5
STACK, STACK_BYTES = 0x7FFC00001000, 256
CONTEXT_BYTES, CONTEXT_FLAGS, CONTEXT_RSP, CONTEXT_RIP = 1232, 0x30, 0x98, 0xF8


class Writer:
  def __init__(self, reserved):
    self.data = bytearray(reserved)

  def put(self, content):
    """Appends at a multiple of eight; answers the offset."""
    self.data.extend(bytes(-len(self.data) % 8))
    self.data.extend(content)
    return len(self.data) - len(content)

  def text(self, text):
    encoded = text.encode("utf-16-le")
    return self.put(struct.pack("<I", len(encoded)) + encoded + b"\0\0")


def context(rip):
  data = bytearray(CONTEXT_BYTES)
  struct.pack_into("<I", data, CONTEXT_FLAGS, 0x10000B)  # AMD64: control, integer, floating point
  struct.pack_into("<Q", data, CONTEXT_RSP, STACK)
  struct.pack_into("<Q", data, CONTEXT_RIP, rip)
  return bytes(data)


def minidump(system, module, base, size, rip, codeview, stamp=0):
  """The bytes of a dump whose thread stands at `rip`. codeview: "RSDS", GUID, age, name for
  Windows; "BpEL" and the build-id for Linux."""
  out = Writer(32 + 4 * 12)
  context_at, stack_at = out.put(context(rip)), out.put(bytes(STACK_BYTES))
  codeview_at, name_at, nothing_at = out.put(codeview), out.text(module), out.text("")
  info = struct.pack("<HHHBB", AMD64, 6, 0, 1, 1)
  info += struct.pack("<IIIIIHH", 10, 0, 19041, system, nothing_at, 0, 0) + bytes(24)
  threads = struct.pack("<IIIIIQQ", 1, 1, 0, 0, 0, 0, STACK)
  threads += struct.pack("<IIII", STACK_BYTES, stack_at, CONTEXT_BYTES, context_at)
  modules = struct.pack("<IQIIII", 1, base, size, 0, stamp, name_at) + bytes(52)
  modules += struct.pack("<IIII", len(codeview), codeview_at, 0, 0) + bytes(16)
  memory = struct.pack("<IQII", 1, STACK, STACK_BYTES, stack_at)
  streams = [(kind, len(content), out.put(content)) for kind, content in (
    (SYSTEM_INFO, info), (THREAD_LIST, threads), (MODULE_LIST, modules), (MEMORY_LIST, memory))]
  struct.pack_into("<4sIIIIIQ", out.data, 0, b"MDMP", 0xA793, len(streams), 32, 0, 0, 0)
  for i, row in enumerate(streams):
    struct.pack_into("<III", out.data, 32 + 12 * i, *row)
  return bytes(out.data)
