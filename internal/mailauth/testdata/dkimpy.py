"""Judges letters by dkimpy: one JSON object a line in, one list of verdicts a line out."""
import base64, json, sys
import dkim

for line in sys.stdin:
    case = json.loads(line)
    raw = base64.b64decode(case["raw"])
    zone = {name: text.encode() for name, text in case["dns"].items()}

    def txt(name, timeout=5):
        return zone.get(name.decode() if isinstance(name, bytes) else name)

    verdicts = []
    for i in range(case["signatures"]):
        try:
            verdicts.append(bool(dkim.DKIM(raw, minkey=1024).verify(idx=i, dnsfunc=txt)))
        except Exception:  # every fault it finds is an exception of some kind
            verdicts.append(False)
    print(json.dumps(verdicts), flush=True)
