#!/usr/bin/env python3
"""Writes the seeds of the fuzzers' corpora: one small, legal example of everything worth mutating.

Usage: seeds.py FOLDER. Files already there keep their place; inputs found by fuzzing are named by
their hash and are not touched.
"""
import pathlib
import struct
import sys

READ, WRITE, FINAL, IMMEDIATE = 0x40, 0x20, 0x80, 0x40
RESERVED_TAG = 0xFFFFFFFF


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def header(opcode, flags=FINAL, tag=1, lun=0, word20=RESERVED_TAG, cmd_sn=1, cdb=b"", data=b""):
    fixed = struct.pack(">BBHB3sQIIII", opcode, flags, 0, 0, len(data).to_bytes(3, "big"), lun << 48, tag, word20, cmd_sn, 1)
    return fixed + cdb.ljust(16, b"\0")


def pdu(head, data=b"", digests=False):
    padded = data.ljust(-(-len(data) // 4) * 4, b"\0")
    return head + (crc32c(head) if digests else b"") + padded + (crc32c(padded) if digests and data else b"")


def read10(lba, blocks):
    return struct.pack(">BBIBHB", 0x28, 0, lba, 0, blocks, 0)


def write10(lba, blocks):
    return struct.pack(">BBIBHB", 0x2A, 0, lba, 0, blocks, 0)


def framing():
    nop = lambda sn, data=b"": header(0x00 | IMMEDIATE, tag=7, cmd_sn=sn, data=data)
    login_text = b"InitiatorName=iqn.2026-11.a:b\0SessionType=Discovery\0"
    login = header(0x43, 0x87, word20=0, data=login_text)
    login = login[:8] + bytes([0x80, 0, 0, 0, 0, 1, 0, 0]) + login[16:]
    yield "login", b"\x00" + pdu(login, login_text)
    yield "nop", b"\x04" + pdu(nop(1, b"ping"), b"ping") + pdu(nop(1))
    yield "nop_digests", b"\x07" + pdu(nop(1, b"ping"), b"ping", True) + pdu(nop(1), b"", True)
    block = bytes(range(64)) * 8
    write = header(0x01, FINAL | WRITE, word20=512, cdb=write10(1, 1), data=block)
    read = header(0x01, FINAL | READ, tag=2, word20=512, cmd_sn=2, cdb=read10(1, 1))
    yield "write_read", b"\x54" + pdu(write, block) + pdu(read)
    yield "logout", b"\x04" + pdu(header(0x46, FINAL))


def record(control, head, length=0, data=b""):
    return bytes([control]) + head + struct.pack(">H", length) + data


def session():
    write_all = header(0x01, WRITE | FINAL, word20=1024, cdb=write10(4, 2))
    data = b"0123456789abcdef0123456789abcdef"[:1024 % 32]
    yield "write_with_r2t", b"\x06" + record(1, write_all) + record(2, b"\0" * 48)
    yield "write_immediate", b"\x00" + record(1, header(0x01, WRITE | FINAL, word20=512, cdb=write10(0, 1)), 512, data)
    yield "read", b"\x09" + record(1, header(0x01, READ | FINAL, word20=4096, cdb=read10(0, 8)))
    yield "management", b"\x06" + record(1, write_all) + record(1, header(0x42, 0x81, tag=9, word20=1)) + record(1, header(0x42, 0x86, tag=10))
    yield "text", b"\x20" + record(1, header(0x04), 16, b"SendTargets=All\0")
    yield "logout", b"\x00" + record(1, header(0x06, FINAL))
    yield "nop_and_ping", b"\x01" + bytes([16, 0]) + record(1, header(0x40, tag=5), 4, b"ping") + record(1, header(0x10))
    yield "two_peers", b"\x06" + record(1, write_all) + record(5, write_all) + record(5, header(0x02, 0x86, tag=11)) + bytes([16, 1, 16, 2, 16, 3])
    yield "reinstated", b"\x06" + record(1, write_all) + record(12, header(0x40, tag=5))


def login():
    def request(flags, *pairs):
        return bytes([flags]) + "".join(pair + "\n" for pair in pairs).encode() + b"\xff"

    names = ("InitiatorName=iqn.2026-11.a:b", "TargetName=iqn.2026-11.net.lockstep:fuzz")
    yield "straight", b"\x00" + request(0x87, *names, "SessionType=Normal")
    yield "two_stages", b"\x01" + request(0x81, "AuthMethod=CHAP,None") + request(0x87, "HeaderDigest=CRC32C,None", "DataDigest=None", "MaxBurstLength=65536", "FirstBurstLength=0x1000")
    yield "chap", b"\x01" + request(0x00, "AuthMethod=CHAP,None") + request(0x00, "CHAP_A=7,5") + request(0x81, "CHAP_N=user", "CHAP_R=0x00112233445566778899aabbccddeeff", "CHAP_I=7", "CHAP_C=0x0011")
    yield "chap_wanted", b"\x05" + request(0x00, "AuthMethod=CHAP,None") + request(0x00, "CHAP_A=7,5") + request(0x81, "CHAP_N=user", "CHAP_R=0x00112233445566778899aabbccddeeff", "CHAP_I=7", "CHAP_C=0x00112233445566778899aabbccddeeff")
    yield "numbers", b"\x01" + request(0x87, "MaxConnections=1", "InitialR2T=No", "ImmediateData=Yes", "MaxRecvDataSegmentLength=262144", "DefaultTime2Wait=2", "DefaultTime2Retain=0", "MaxOutstandingR2T=4", "DataPDUInOrder=Yes", "DataSequenceInOrder=Yes", "ErrorRecoveryLevel=0", "X-com.example=1", "TaskReporting=RFC3720")
    yield "split", b"\x01" + request(0x44, "MaxBurst") + request(0x87, "Length=512")
    yield "discovery", b"\x03" + request(0x87) + request(0x80, "SendTargets=All") + request(0x40, "SendTargets=") + request(0x80, "=", "MaxRecvDataSegmentLength=512")


def command(cdb, data=b"", length=None, control=0):
    length = len(data) if length is None else length
    return bytes([control]) + cdb.ljust(16, b"\0") + struct.pack(">HB", length, len(data)) + data


def cdb16(opcode, lba, blocks, flags=0):
    return struct.pack(">BBQIBB", opcode, flags, lba, blocks, 0, 0)


def cdbs():
    pattern = bytes(range(16))
    yield "inquiry", command(bytes([0x12, 0, 0, 0, 96, 0])) + b"".join(command(bytes([0x12, 1, page, 0, 255, 0])) for page in (0, 0x80, 0x83, 0x8F, 0xB0, 0xB1, 0xB2))
    yield "write_read", command(write10(8, 2), pattern, 1024) + command(read10(8, 2)) + command(cdb16(0x88, 0, 4))
    yield "write_same", command(cdb16(0x93, 0, 64), pattern, 512) + command(cdb16(0x93, 0, 64, 0x08), b"\0", 512) + command(cdb16(0x93, 3, 7, 0x01))
    yield "compare_and_write", command(bytes([0x89, 0]) + struct.pack(">QBBBBBB", 2, 0, 0, 0, 1, 0, 0), b"\0", 1024) * 2
    yield "verify", command(bytes([0x2F, 2, 0, 0, 0, 1, 0, 0, 1, 0]), b"\0", 512) + command(bytes([0x2E, 0, 0, 0, 0, 1, 0, 0, 1, 0]), pattern, 512)
    unmap = struct.pack(">HHIQII", 22, 16, 0, 0, 128, 0)
    yield "unmap", command(write10(0, 1), pattern, 512) + command(bytes([0x42, 0, 0, 0, 0, 0, 0, 0, len(unmap), 0]), unmap) + command(bytes([0x9E, 0x12]) + bytes(8) + struct.pack(">I", 64))
    yield "capacity", command(bytes([0x25])) + command(bytes([0x9E, 0x10]) + bytes(8) + struct.pack(">I", 32))
    yield "mode_sense", command(bytes([0x1A, 0, 0x3F, 0, 255])) + command(bytes([0x5A, 0, 0x3F, 0xFF, 0, 0, 0, 1, 0]))
    yield "mode_select", command(bytes([0x15, 0x10, 0, 0, 24]), bytes(4) + bytes([0x08, 0x12, 4]) + bytes(17)) + command(bytes([0x55, 0x10, 0, 0, 0, 0, 0, 0, 28]), bytes(8) + bytes([0x08, 0x12, 0]) + bytes(17))
    yield "reports", command(bytes([0xA0]) + bytes(8) + b"\x20") + command(bytes([0xA3, 0x0C, 0x80]) + bytes(5) + b"\x10\0") + command(bytes([0xA3, 0x0D]) + bytes(6) + b"\x10\0") + command(bytes([0xA3, 0x0A]) + bytes(6) + b"\x10\0")
    key = struct.pack(">QQIBBH", 0, 0x1122334455667788, 0, 0, 0, 0)
    held = struct.pack(">QQIBBH", 0x1122334455667788, 0, 0, 0, 0, 0)
    out = lambda action, kind, data: command(bytes([0x5F, action, kind, 0, 0, 0, 0, 0, len(data)]), data)
    yield "persistent_reserve", out(0, 0, key) + out(1, 5, held) + b"".join(command(bytes([0x5E, action, 0, 0, 0, 0, 0, 1, 0])) for action in range(4)) + out(2, 5, held) + out(4, 1, held) + out(3, 0, held)
    yield "reserve_6", command(bytes([0x16])) + command(bytes([0x00]), control=1) + command(bytes([0x17]))
    yield "caches", command(bytes([0x35])) + command(bytes([0x91])) + command(bytes([0x34, 0, 0, 0, 0, 0, 0, 0, 8])) + command(cdb16(0x90, 0, 8))
    yield "others", command(cdb16(0x8B, 1, 1), pattern, 512) + command(bytes([0x9C]) + bytes(9) + bytes([0, 0, 0, 1]), pattern, 512) + command(bytes([0x48, 0x03, 0, 0, 0, 0, 0, 0, 0])) + command(bytes([0x1B, 0, 0, 0, 1])) + command(bytes([0x1E, 0, 0, 0, 1]))
    yield "management", bytes([0x20, 4, 0x30, 0, 0x31, 1]) + command(bytes([0x03, 0, 0, 0, 18]))


def store():
    def node(number, level, *entries):
        return bytes([0x40, number, level, len(entries)]) + b"".join(bytes(entry) for entry in entries)

    def named(kind, number, blocks, block_bytes, levels, root):
        return bytes([0x40 + kind, number, blocks, 0, block_bytes, levels, root])

    yield "decode", b"\x00" + node(1, 1, (0, 3, 0)) + named(1, 0, 2, 0, 1, 1) + bytes([3, 0, 4]) + b"text"
    yield "one_volume", b"\x01" + node(1, 1, (0, 3, 0), (1, 4, 0)) + named(1, 0, 3, 0, 1, 1)
    yield "shared_node", b"\x01" + node(1, 1, (0, 3, 0)) + named(1, 0, 3, 0, 1, 1) + named(2, 1, 3, 0, 1, 1)
    yield "two_levels", b"\x01" + node(1, 2, (0, 2, 0)) + node(2, 1, (0, 5, 0)) + named(1, 0, 4, 0, 2, 1)
    yield "ids_not_given_out", b"\x03" + node(1, 2, (0, 2, 0)) + node(2, 1, (0, 5, 0)) + named(1, 0, 4, 0, 2, 1)
    yield "cycle", b"\x01" + node(1, 2, (0, 1, 0)) + named(1, 0, 4, 0, 2, 1)
    yield "empty_volume", b"\x01" + named(1, 0, 3, 1, 1, 0)
    yield "values", b"\x01" + bytes([3, 0, 4]) + b"text" + bytes([0x83, 1, 2]) + b"xy"


def copies():
    write = bytes([6, 0, 8, 0x5A])
    # A token for blocks 8 and 9 of LUN 0, asked for, written to LUN 2 and LUN 1.
    token = bytes([1, 0, 77, 0, 0, 1, 0, 8, 2, 3, 0, 77])
    use = bytes([2, 0, 0, 0, 1, 1, 0, 16, 2, 9])
    yield "token", write + token + use
    yield "token_immediate", write + token + bytes([2, 0, 1, 0, 1, 1, 0, 16, 2, 9, 4, 0, 4, 9, 9, 7, 255])
    yield "token_deleted", write + token + bytes([2, 0, 2, 0, 1, 1, 0, 16, 2, 9]) + use
    yield "token_forged", write + token + bytes([0x22, 0, 0, 0, 1, 1, 0, 16, 2, 9, 0, 200, 1])
    yield "zero_token", bytes([2, 0, 0, 0, 0, 1, 0, 16, 2, 9])
    yield "extended_copy", write + bytes([0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 1, 0, 2, 8, 32]) + bytes([4, 0, 0, 1, 1, 7, 255])
    yield "bytes_copy", write + bytes([0, 0, 1, 0, 2, 0, 1, 1, 1, 0, 0, 1, 2, 0, 8, 4, 0, 0, 0, 0])
    yield "raw_lists", bytes([0x10, 0, 4, 0, 0, 0, 0, 0x11, 0, 1, 4, 0, 2, 0, 0, 0x12, 0, 1, 4, 0, 2, 0, 0])


def catalogue():
    def element(number, device):
        return bytes([0, number, 1, device, number])

    def group(number, *members):
        return bytes([1, number, len(members), *members])

    def pair(number, source, target, sync_type, of_group=0, state=2, forming=0):
        return bytes([2, number, source, target, sync_type, 0, of_group, state, forming])

    def group_pair(number, source, target, *pairs):
        return bytes([3, number, source, target, 0, len(pairs), *pairs])

    two = element(1, 1) + element(2, 2)
    yield "two_elements", b"\x01" + two
    yield "mirror", b"\x01" + two + pair(4, 1, 2, 0)
    yield "copy_under_way", b"\x01" + two + pair(4, 1, 2, 2, state=1, forming=1) + bytes([4, 5, 2, 1, 4]) + bytes([5, 7, 0, 1, 4])
    yield "own_source", b"\x01" + two + pair(4, 1, 1, 0)
    yield "pair_of_nobody", b"\x01" + element(1, 1) + pair(4, 1, 6, 1)
    four = two + element(4, 4) + element(5, 5)
    yield "group", b"\x01" + four + group(1, 1, 4) + group(2, 2, 5) + pair(6, 1, 2, 0, 3) + pair(7, 4, 5, 0, 3) + group_pair(3, 1, 2, 6, 7)
    yield "same_number_twice", b"\x01" + two + two
    yield "no_format", b"\x03" + two
    yield "no_service", b"\x05" + two
    yield "no_content", b"\x09" + two
    yield "bytes", b"\x01" + bytes([0x80, 1, 4]) + b"Exyz" + bytes([0x82, 2, 1]) + b"P"


def bypass_hello():
    v4 = bytes(10) + b"\xff\xff\x7f\0\0\1"
    ends = v4 + struct.pack(">H", 40000) + v4 + struct.pack(">H", 3260)
    for wake in (0, 1):
        yield f"hello_{wake}", b"LKSTPBY\x02" + ends + bytes([wake])
    yield "hello_of_another_version", b"LKSTPBY\x01" + ends
    for seals in (0, 2, 4, 7, 15):
        yield f"segment_with_seals_{seals}", bytes([0x80 | seals, 0, 0, 0, 3])
    yield "file_of_any_size", bytes([7]) + struct.pack(">I", 12289)


def bypass_rings():
    def lie(what, *numbers):
        return bytes([1, what]) + b"".join(numbers)

    def act(what, first=1000, second=1000):
        return bytes([0]) + struct.pack(">HH", first, second) + bytes([what])

    def number(kind, value):
        return struct.pack(">Q", value) + bytes([kind])

    receive, peek, send = act(0), act(1), act(2)
    for side in (0, 1):
        start = bytes([side])
        yield f"honest_{side}", start + send + lie(3, struct.pack(">H", 0)) + lie(2, struct.pack(">H", 500)) + peek + receive
        yield f"too_much_{side}", start + lie(0, number(2, 1 << 40)) + receive + lie(2, struct.pack(">H", 10)) + receive
        yield f"backwards_{side}", start + lie(2, struct.pack(">H", 100)) + receive + lie(0, number(0, 50)) + receive
        yield f"reader_ahead_{side}", start + act(2, 6000, 6000) + lie(1, number(0, 5000)) + send
        yield f"sleeps_{side}", start + act(3) + bytes([1, 4]) + struct.pack(">II", 1, 3) + send + act(4) + receive


def initiator_session():
    def answer(kind, flags, which, offset=0, wanted=0, count=0):
        return bytes([kind, flags, which, 7, 40]) + struct.pack(">HHH", offset, wanted, count) + b"d" * min(count, 32)

    def of(number):
        return number * 8 + number

    logged_in = b"\x01"
    good = [answer(1, 0x80, of(0)), answer(3, 0x81, of(1), count=2048), answer(1, 0x80, of(2)), answer(3, 0x81, of(3), count=2048)]
    asks = [answer(5, 0x80, of(0), offset=65280, wanted=4096), answer(5, 0x80, of(0), offset=8192, wanted=512)]
    parts = [answer(3, 0, of(1), count=1024), answer(3, 0x81, of(1), offset=1024, count=1024)]
    return [("good", logged_in + b"".join(good)), ("asks", logged_in + b"".join(asks)), ("parts", logged_in + b"".join(parts)),
            ("ping", logged_in + answer(0, 0x80, 0xFF) + b"\xff" * 4), ("login", b"\x00" + answer(2, 0x81, 0) + answer(2, 0x87, 0))]


FAMILIES = {"bypass_hello": bypass_hello, "catalogue": catalogue, "bypass_rings": bypass_rings, "initiator_session": initiator_session, "third_party_copy": copies, "store_records": store, "pdu_framing": framing, "session": session, "login_text": login, "cdb": cdbs}


def main():
    for name, family in FAMILIES.items():
        folder = pathlib.Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        for seed, content in family():
            (folder / seed).write_bytes(content)


if __name__ == "__main__":
    main()
