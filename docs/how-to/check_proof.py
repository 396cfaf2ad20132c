"""Checks a proof of a pupil's history: python check_proof.py proof.json audit.pub

proof.json is what the diary gives a family, audit.pub the key that the district has made known (PEM). It needs Python
3.11 and `pip install cryptography`, and nothing of the diary. It says what was decided, when and by whom, and that it
stands so in the log that was signed; of other pupils there are only hashes in the proof.
"""

import base64
import json
import sys
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key


def signed(note, pem):
    """Size and root that a signed note (c2sp.org/signed-note) speaks of, if this key has signed it."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    key = load_pem_public_key(pem)
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    known = sha256(origin.encode() + b"\n\x01" + raw).digest()[:4]
    for line in signatures.splitlines():
        dash, name, signature = line.split(" ")
        given = base64.b64decode(signature)
        if dash == "—" and name == origin and given[:4] == known:
            key.verify(given[4:], text.encode())
            return origin, int(size), base64.b64decode(root)
    raise ValueError("the checkpoint is not signed by this key")


def leaf(event):
    """The hash of an event: of its frame, its salt's hash, and its entries' hashes, ours worked out from its text."""
    head, middle, tail = (part.encode() for part in event["frame"])
    lengths = len(head).to_bytes(8, "big") + len(middle).to_bytes(8, "big")
    frame = sha256(b"\x04" + lengths + head + middle + tail).digest()
    hashes = [bytes.fromhex(one) for one in event["hashes"]]
    for entry in event["entries"]:
        own = sha256(b"\x03" + bytes.fromhex(entry["nonce"]) + entry["text"].encode()).digest()
        if hashes[entry["place"]] != own:
            raise ValueError(f"the entry shown is not the one of event {event['number']}")
    number = event["number"].to_bytes(8, "big")
    return sha256(b"\x00" + number + frame + bytes.fromhex(event["salt"]) + b"".join(hashes)).digest()


def root_of(hashed, place, size, path):
    """RFC 9162, 2.1.3.2: where the path leads from the leaf at this place of a log of this size."""
    if place >= size:
        raise ValueError("an event lies behind the checkpoint")
    first, last = place, size - 1
    for one in path:
        if last == 0:
            raise ValueError("the path is too long")
        if first & 1 or first == last:
            hashed = sha256(b"\x01" + one + hashed).digest()
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hashed = sha256(b"\x01" + hashed + one).digest()
        first, last = first >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return hashed


def told(event):
    """What the event says, in a line: its frame is JSON with one entry of many."""
    head, middle, tail = event["frame"]
    said = json.loads(head + middle.removesuffix('{"pupil_id":"') + tail.removeprefix("}"))
    entries = [json.loads('{"pupil_id":"' + entry["text"] + "}") for entry in event["entries"]]
    data = {name: value for name, value in said["data"].items() if value != []}
    what = json.dumps({**data, "entries": entries}, ensure_ascii=False)
    return f"{said['time']}  {said['type']}  by {said['actor']}\n    {what}"


def main(proof_file, key_file):
    with open(proof_file, encoding="utf-8") as file:
        proof = json.load(file)
    with open(key_file, "rb") as file:
        origin, size, root = signed(proof["checkpoint"], file.read())
    for event in proof["events"]:
        if root_of(leaf(event), event["leaf"], size, [bytes.fromhex(one) for one in event["path"]]) != root:
            raise ValueError(f"event {event['number']} is not in the signed log")
        print(told(event))
    print(f"TRUE: {len(proof['events'])} events of {origin}, each in the log of {size} events that was signed")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (ValueError, KeyError, TypeError, IndexError, InvalidSignature) as why:
        sys.exit(f"FALSE: {type(why).__name__}: {why}")
