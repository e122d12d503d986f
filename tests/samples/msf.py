# SPDX-License-Identifier: MIT
"""The container of PDB 7 files, read and written whole: small files only."""
import struct

MAGIC = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS\0\0\0"
DELETED = 0xFFFFFFFF

INFO, DBI = 1, 3                # stream numbers
INFO_AGE, INFO_GUID = 8, 12     # offsets in them
DBI_AGE, DBI_FLAGS = 8, 56


def blocks(size, block):
  return -(-size // block)


class Msf:
  """`streams` holds bytearrays; None is a stream that was deleted."""

  def __init__(self, path):
    data = open(path, "rb").read()
    assert data[:32] == MAGIC, path
    self.block, _, _, directory_bytes, _ = struct.unpack_from("<5I", data, 32)

    def gather(numbers, size):
      return bytearray(b"".join(data[n * self.block:(n + 1) * self.block] for n in numbers)[:size])

    count = blocks(directory_bytes, self.block)
    maps = struct.unpack_from(f"<{blocks(4 * count, self.block)}I", data, 52)
    directory = gather(struct.unpack(f"<{count}I", gather(maps, 4 * count)), directory_bytes)
    words = struct.unpack(f"<{directory_bytes // 4}I", directory)
    sizes, at = words[1:1 + words[0]], 1 + words[0]
    self.streams = []
    for size in sizes:
      used = 0 if size == DELETED else blocks(size, self.block)
      self.streams.append(None if size == DELETED else gather(words[at:at + used], size))
      at += used

  def write(self, path, block=None):
    """Streams first, then the directory, then its map: the block numbers of the map stand
    in the superblock one by one, as Microsoft's tools write them."""
    block = block or self.block
    out = bytearray(3 * block)  # superblock and the two free block maps

    def put(data):
      first, used = len(out) // block, blocks(len(data), block)
      out.extend(data.ljust(used * block, b"\0"))
      return list(range(first, first + used))

    numbers, sizes = [], []
    for stream in self.streams:
      sizes.append(DELETED if stream is None else len(stream))
      numbers += put(bytes(stream or b""))
    words = [len(sizes)] + sizes + numbers
    directory = put(struct.pack(f"<{len(words)}I", *words))
    maps = put(struct.pack(f"<{len(directory)}I", *directory))
    out[:32] = MAGIC
    struct.pack_into("<5I", out, 32, block, 1, len(out) // block, 4 * len(words), 0)
    struct.pack_into(f"<{len(maps)}I", out, 52, *maps)
    out[2 * block:3 * block] = out[block:2 * block] = b"\0" * block  # no block is free
    open(path, "wb").write(out)

  def set_info_age(self, age):
    struct.pack_into("<I", self.streams[INFO], INFO_AGE, age)

  def set_dbi_age(self, age):
    struct.pack_into("<I", self.streams[DBI], DBI_AGE, age)
