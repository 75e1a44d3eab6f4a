"""Small files of each format, written by the formats' descriptions; x is (channel, sample)."""

import json
import struct
from pathlib import Path

import numpy as np

CONTINUOUS = np.dtype(
    [("t", "<i8"), ("n", "<u2"), ("r", "<u2"), ("x", ">i2", 1024), ("m", "u1", 10)]
)


def write_edf(
    path, x, rate_hz=200, record_s=1.0, gaps=None, wide=False, unit="uV", physical=(-3200, 3200),
    start="01.03.2608.00.00", labels=None,
):  # fmt: skip
    """EDF (16 bit) or BDF (24 bit); `gaps` (record -> seconds) makes it discontinuous."""
    x = np.atleast_2d(x)
    per_record = round(rate_hz * record_s)
    n_records = x.shape[1] // per_record
    n, size = len(x), 3 if wide else 2
    digital = (-8388608, 8388607) if wide else (-32768, 32767)
    marks = 30
    labels = list(labels or [f"E{i + 1}" for i in range(n)])
    mark = "BDF Annotations" if wide else "EDF Annotations"
    kind = "BDF" if wide else "EDF"
    fields = [
        ([*labels, mark], 16),
        ([""] * (n + 1), 80),
        ([unit] * n + [""], 8),
        ([str(physical[0])] * n + ["-1"], 8),
        ([str(physical[1])] * n + ["1"], 8),
        ([str(digital[0])] * (n + 1), 8),
        ([str(digital[1])] * (n + 1), 8),
        ([""] * (n + 1), 80),
        ([str(per_record)] * n + [str(marks)], 8),
        ([""] * (n + 1), 32),
    ]
    head = b"\xffBIOSEMI" if wide else b"0".ljust(8)
    head += b"X X X X".ljust(80) + b"Startdate 01-MAR-2026 X X X".ljust(80)
    head += start.encode() + str(256 * (n + 2)).encode().ljust(8)
    head += f"{kind}+{'D' if gaps else 'C'}".encode().ljust(44)
    head += str(n_records).encode().ljust(8) + f"{record_s:g}".encode().ljust(8)
    head += str(n + 1).encode().ljust(4)
    for values, width in fields:
        head += b"".join(v.encode().ljust(width) for v in values)
    body, late = b"", 0.0
    for r in range(n_records):
        late += (gaps or {}).get(r, 0.0)
        piece = x[:, r * per_record : (r + 1) * per_record].astype("<i4")
        raw = piece.view(np.uint8).reshape(n, per_record, 4)[:, :, :size]
        onset = f"+{r * record_s + late:g}\x14\x14\x00".encode()
        body += raw.tobytes() + onset.ljust(marks * size, b"\0")
    path.write_bytes(head + body)
    return path


def write_open_ephys(
    folder, x, rate_hz=30000.0, gaps=(), first=1000, extra=("ADC1",), bit_volts=0.195,
    recording="experiment1/recording1", stream="Rhythm_FPGA-100.0",
):  # fmt: skip
    """Open Ephys binary; `gaps` lists (sample, samples lost before it)."""
    x = np.atleast_2d(x)
    place = folder / "Record Node 101" / recording
    data = place / "continuous" / stream
    data.mkdir(parents=True)
    names = [f"CH{i + 1}" for i in range(len(x))] + list(extra)
    every = np.concatenate([x, np.zeros((len(extra), x.shape[1]), np.int16)])
    every.astype("<i2").T.tofile(data / "continuous.dat")
    numbers = first + np.arange(x.shape[1], dtype=np.int64)
    for at, lost in gaps:
        numbers[at:] += lost
    np.save(data / "sample_numbers.npy", numbers)
    np.save(data / "timestamps.npy", numbers / rate_hz)
    described = {
        "GUI version": "0.6.6",
        "continuous": [
            {
                "folder_name": f"{stream}/",
                "sample_rate": rate_hz,
                "num_channels": len(names),
                "channels": [
                    {
                        "channel_name": name,
                        "bit_volts": bit_volts if name.startswith("CH") else 0.00015258789,
                        "units": "uV" if name.startswith("CH") else "V",
                    }
                    for name in names
                ],
            }
        ],
        "events": [],
        "spikes": [],
    }
    (place / "structure.oebin").write_text(json.dumps(described))
    (place / "sync_messages.txt").write_text(
        "Software Time (milliseconds since midnight Jan 1st 1970 UTC): 1772352000000\n"
    )
    return files_under(folder)


def write_spikeglx(
    folder, x, rate_hz=2500.0, first=0, run="run_g0_t0", band="lf", gains=None, meta=None
):
    """A file of a Neuropixels 1.0 probe with a synchronisation channel at its end."""
    x = np.atleast_2d(x)
    folder.mkdir(parents=True, exist_ok=True)
    n = len(x)
    gains = list(gains or [250] * n)
    body = np.concatenate([x, np.full((1, x.shape[1]), 64, np.int16)]).astype("<i2").T
    path = folder / f"{run}.imec0.{band}.bin"
    body.tofile(path)
    first_id = n if band == "lf" else 0
    saved = [*range(first_id, first_id + n), 2 * n]
    entries = {
        "typeThis": "imec",
        "imDatPrb_type": 0,
        "imDatPrb_pn": "NP1010",
        "imSampRate": rate_hz,
        "imAiRangeMax": 0.6,
        "imAiRangeMin": -0.6,
        "nSavedChans": n + 1,
        "acqApLfSy": f"{n},{n},1",
        "snsApLfSy": f"0,{n},1" if band == "lf" else f"{n},0,1",
        "snsSaveChanSubset": ",".join(map(str, saved)),
        "fileName": f"D:/data/{path.name}",
        "fileSizeBytes": path.stat().st_size,
        "fileTimeSecs": x.shape[1] / rate_hz,
        "fileCreateTime": "2026-03-01T08:00:00",
        "firstSample": first,
        "~imroTbl": f"(0,{n})"
        + "".join(f"({i} 0 0 {500 if band == 'lf' else g} {g} 1)" for i, g in enumerate(gains)),
        "~snsChanMap": f"({n},{n},1)"
        + "".join(f"({band.upper()}{i};{c}:{i})" for i, c in enumerate(saved[:-1]))
        + f"(SY0;{2 * n}:{n})",
    } | (meta or {})
    lines = "".join(f"{k}={v}\n" for k, v in entries.items() if v is not None)
    path.with_suffix(".meta").write_text(lines)
    return files_under(folder)


def write_continuous(path, x, rate_hz=30000, gaps=(), first=1024, channel="CH1"):
    """Open Ephys' first format; `gaps` lists (record, samples lost before it)."""
    header = {
        "format": "'Open Ephys Data Format'",
        "version": "0.4",
        "header_bytes": "1024",
        "date_created": "'1-Mar-2026 080000'",
        "channel": f"'{channel}'",
        "channelType": "'Continuous'",
        "sampleRate": rate_hz,
        "blockLength": "1024",
        "bufferSize": "1024",
        "bitVolts": "0.195",
    }
    text = "".join(f"header.{k} = {v};\n" for k, v in header.items())
    records = np.zeros(len(x) // 1024, CONTINUOUS)
    records["t"] = first + 1024 * np.arange(len(records))
    for at, lost in gaps:
        records["t"][at:] += lost
    records["n"], records["m"] = 1024, [0, 1, 2, 3, 4, 5, 6, 7, 8, 255]
    records["x"] = np.asarray(x[: 1024 * len(records)]).reshape(-1, 1024)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode().ljust(1024) + records.tobytes())
    return path


def write_brainvision(folder, x, rate_hz=500.0, resolution=0.1, name="a"):
    """BrainVision, in the type of x: int16, int32 or float32."""
    x = np.atleast_2d(x)
    folder.mkdir(parents=True, exist_ok=True)
    kind = {"i2": "INT_16", "i4": "INT_32", "f4": "IEEE_FLOAT_32"}[x.dtype.str[1:]]
    x.T.astype(x.dtype.newbyteorder("<")).tofile(folder / f"{name}.eeg")
    channels = "".join(f"Ch{i + 1}=E{i + 1},,{resolution},µV\n" for i in range(len(x)))
    (folder / f"{name}.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n\n[Common Infos]\nCodepage=UTF-8\n"
        f"DataFile={name}.eeg\nMarkerFile={name}.vmrk\nDataFormat=BINARY\n"
        f"DataOrientation=MULTIPLEXED\nNumberOfChannels={len(x)}\n"
        f"SamplingInterval={1e6 / rate_hz}\n\n[Binary Infos]\nBinaryFormat={kind}\n\n"
        f"[Channel Infos]\n{channels}",
        encoding="utf-8",
    )
    (folder / f"{name}.vmrk").write_text(
        "Brain Vision Data Exchange Marker File, Version 1.0\n\n[Common Infos]\n"
        f"Codepage=UTF-8\nDataFile={name}.eeg\n\n[Marker Infos]\nMk1=New Segment,,1,1,0\n",
        encoding="utf-8",
    )
    return files_under(folder)


def write_blackrock(path, x, stretches, rate_hz=30000):
    """Blackrock 2.3 (.ns5); `stretches` lists (first tick of 1/30000 s, number of samples)."""
    x = np.atleast_2d(x)
    period = round(30000 / rate_hz)
    size = 314 + 66 * len(x)
    head = struct.pack("<8sBBI16s256sII8HI", b"NEURALCD", 2, 3, size, b"30 kS/s", b"", period,
                       30000, 2026, 3, 0, 1, 8, 0, 0, 0, len(x))  # fmt: skip
    for i in range(len(x)):
        head += struct.pack("<2sH16sBB4h16sIIHIIH", b"CC", i + 1, f"elec{i + 1}".encode(), 1, i,
                            -32764, 32764, -8191, 8191, b"uV", 0, 0, 0, 0, 0, 0)  # fmt: skip
    body, at = b"", 0
    for tick, n in stretches:
        body += struct.pack("<BII", 1, tick, n) + x[:, at : at + n].T.astype("<i2").tobytes()
        at += n
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + body)
    return path


def write_intan(folder, x, rate_hz=30000.0, gaps=(), first=0):
    """Intan RHD 1.3 with a file per signal type; `gaps` lists (sample, samples lost before it)."""
    x = np.atleast_2d(x)
    folder.mkdir(parents=True, exist_ok=True)

    def text(words):
        raw = words.encode("utf-16-le")
        return struct.pack("<I", len(raw)) + raw

    head = struct.pack("<Ihhfh6fh2f", 0xC6912702, 1, 3, rate_hz, 1, 1, 0.1, 7500, 1, 0.1, 7500, 0,
                       1000, 1000)  # fmt: skip
    head += text("") * 3 + struct.pack("<hhh", 0, 0, 1)
    head += text("Port A") + text("A") + struct.pack("<hhh", 1, len(x), len(x))
    for i in range(len(x)):
        head += text(f"A-{i:03d}") + text(f"probe{i}")
        head += struct.pack("<10h2f", i, i, 0, 1, i, 0, 0, 0, 0, 0, 1e6, 0.0)
    (folder / "info.rhd").write_bytes(head)
    x.astype("<i2").T.tofile(folder / "amplifier.dat")
    numbers = first + np.arange(x.shape[1])
    for at, lost in gaps:
        numbers[at:] += lost
    numbers.astype("<i4").tofile(folder / "time.dat")
    return files_under(folder)


def files_under(folder):
    """All files under a folder."""
    return sorted(p for p in Path(folder).rglob("*") if p.is_file())


def read_all(source, piece=None):
    """Samples of all channels of each segment, in pieces of a size."""
    every = range(len(source.channels))
    whole = []
    for s, (_, n) in enumerate(source.segments):
        step = piece or max(1, n)
        # copies: the next read may use the memory again
        parts = [source.read(s, a, min(a + step, n), every).copy() for a in range(0, n, step)]
        whole.append(np.concatenate(parts, axis=1))
    return whole
