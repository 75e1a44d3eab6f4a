"""What an epileptic rig adds to the signals of the brain: seizures, spikes, what comes before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.simulate.ictal import leak
from vigil.simulate.interictal import LESS_THETA, MORE_GAMMA, spikes_uv
from vigil.simulate.physiology import MOODS
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.seizure import Seizure
from vigil.simulate.settings import Rig
from vigil.simulate.streams import generator
from vigil.simulate.waves import Waves

FloatArray = npt.NDArray[np.float64]

CONTACT_GAIN, BEST_GAIN = (0.45, 0.95), (0.95, 1.2)
"""The contacts of a region see its seizures and spikes with such factors; one sees them best."""
AFTERMATH_S = 10.0
"""The settling of moods is over so long after a suppression."""


class EpilepticBrain:
    """Seizures and spikes of one recording, for any stretch of it.

    Parameters
    ----------
    peak_uv : ndarray, (region,)
        Largest amplitude of a seizure whose gain is 1.
    n_lfp : int
        Number of brain channels.
    """

    def __init__(self, rig: Rig, plan: RecordingPlan, peak_uv: FloatArray, n_lfp: int) -> None:
        self._seed, self._plan, self._peak_uv = rig.seed, plan, peak_uv
        self._regions = plan.montage.regions
        self._waves: dict[int, Waves] = {}
        contacts = generator(rig.seed, "contacts", plan.animal)
        self.contact_gain = contacts.uniform(*CONTACT_GAIN, n_lfp)
        for region in self._regions:
            members = plan.montage.channels_of(region)
            best = members[int(contacts.integers(len(members)))]
            self.contact_gain[best] = contacts.uniform(*BEST_GAIN)

    def fields(self, time_s: FloatArray, noise: FloatArray) -> FloatArray | None:
        """Seizures and spikes in microvolts, (region, sample); None where there are none.

        Parameters
        ----------
        noise : ndarray, (region, sample)
            Gamma of unit variance, which makes discharges a little rough.
        """
        interictal = self._plan.interictal
        out = None if interictal is None else spikes_uv(interictal, time_s)
        for number, s in self._seizures_in(time_s):
            waves = self._waves_of(number, s)
            out = np.zeros((len(self._regions), len(time_s))) if out is None else out
            for r, region in enumerate(self._regions):
                field = waves.field_uv(region, r, time_s, self._peak_uv[r])
                out[r] += field * (1 + 0.12 * noise[r])
        return None if out is None else leak(out)

    def mood(self, mood: FloatArray, region: str, time_s: FloatArray) -> FloatArray:
        """Moods in a region: one that a seizure does not reach is not suppressed afterwards."""
        for s in self._plan.seizures:
            if region in s.delay_s or s.onset_s > time_s[-1]:
                continue
            inside = (time_s >= s.onset_s) & (time_s < s.recovered_s + AFTERMATH_S)
            if inside.any():
                mood = mood.copy()
                silent = mood[MOODS.index("suppressed")]
                mood[MOODS.index("ictal")] += silent * inside
                silent *= ~inside
        return mood

    def before(self, region: str, time_s: FloatArray) -> tuple[FloatArray, FloatArray] | None:
        """Factors on theta and gamma by what grows before lead seizures; None: 1."""
        ramps = self._plan.ramps
        if ramps is None or not len(ramps.onset_s):
            return None
        ramp = ramps.at(time_s, region)
        return 1 - LESS_THETA * ramp, 1 + MORE_GAMMA * ramp

    def quieten(self, field: FloatArray, background_uv: FloatArray, time_s: FloatArray) -> None:
        """Lower all else (region, sample), in place, during low-voltage fast activity."""
        for number, s in self._seizures_in(time_s):
            for r, region in enumerate(self._regions):
                factor = self._waves_of(number, s).rest(region, time_s)
                if factor is not None:
                    field[r] *= factor
                    background_uv[r] *= factor

    def _seizures_in(self, time_s: FloatArray) -> list[tuple[int, Seizure]]:
        seizures = enumerate(self._plan.seizures)
        return [(n, s) for n, s in seizures if s.end_s >= time_s[0] and s.onset_s <= time_s[-1]]

    def _waves_of(self, number: int, seizure: Seizure) -> Waves:
        if number not in self._waves:
            # one at a time is needed
            rng = generator(self._seed, "waves", self._plan.recording, number)
            self._waves = {number: Waves(seizure, rng)}
        return self._waves[number]
