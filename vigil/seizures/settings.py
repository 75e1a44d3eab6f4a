"""Settings of the seizures stage. The thresholds stand on physiology, not on a data set."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vigil.settings import StageSettings


class Settings(StageSettings):
    """How seizures are found and placed."""

    mains_hz: Literal[50, 60] = 50
    """Frequency of the mains where the rig stands, Hz; it and its harmonics are left out."""
    step_s: float = Field(0.5, ge=0.1, le=2.0)
    """Step of the evidence, s."""
    smooth_steps: int = Field(3, ge=1, le=21)
    """Steps over which the evidence is averaged; a spike-wave cycle (up to 0.4 s) must fit in."""
    baseline_window_s: float = Field(7200.0, ge=0.0)
    """Length of the window, centred on each moment, that the evidence is compared with, s; 0 takes
    the whole recording. It must be several times longer than a bout of sleep (minutes), and shorter
    than the drift of an electrode (hours)."""
    baseline_spread_ln: float = Field(0.2, gt=0.0, le=2.0)
    """Smallest spread of log line length that counts as one z unit. 0.2 is a factor of 1.22: above
    theta sleep and waking differ by up to about two of these, so that a quiet recording is not
    oversensitive."""
    spike_spread_per_s: float = Field(0.5, gt=0.0)
    """Smallest spread of the spike rate that counts as one z unit, spikes per second."""
    enter_z: float = Field(3.0, gt=0.0)
    """Evidence at which a channel speaks for a seizure, in robust z of the line length (without
    what muscles make of it) or of the amplitude of 4-12 Hz; with the smallest spread 3 means 1.8
    times the baseline. Half of what the other of the two, the power ratio or the spike rate have
    is added."""
    keep_z: float = Field(1.5, gt=0.0)
    """Robust z that the line length or the amplitude of 4-12 Hz must have in any case, and above
    which a seizure that has begun goes on (hysteresis); with the smallest spread 1.5 means 1.35
    times the baseline."""
    min_channels: int = Field(2, ge=1)
    """Channels that must agree. A recording with fewer channels asks for all that it has."""
    min_channel_share: float = Field(0.05, ge=0.0, le=1.0)
    """Share of the channels that must agree, when that is more than `min_channels`."""
    min_duration_s: float = Field(10.0, gt=0.0)
    """Shortest seizure, s; 10 s is the definition of an electrographic seizure (ACNS, Hirsch et al.
    2021), and leaves out spike-wave discharges and single spikes."""
    min_core_s: float = Field(7.0, gt=0.0)
    """Least time, in all, during which enough channels speak for a seizure, s: most of the shortest
    seizure."""
    merge_s: float = Field(5.0, ge=0.0)
    """Events closer than this are one, s."""
    min_evolution: float = Field(1.15, ge=1.0)
    """A seizure evolves (ACNS): between its quarters line length or mean frequency differs at least
    by this factor. Rhythmic artefacts (mains, a pump) do neither by more than a tenth."""
    saturated_share: float = Field(0.02, gt=0.0, le=1.0)
    """Share of a step's samples at the converter's limit from which the step is `saturated`."""
    flat_uv: float = Field(1.0, ge=0.0)
    """RMS in 1-70 Hz below which a channel is `flat`, uV, and no evidence for a seizure. A silent
    brain is often flat too and counts as suppressed: of an amplifier's 2 uV between 0 and 625 Hz
    0.7 uV lie in 1-70 Hz."""
    mains_share: float = Field(0.9, gt=0.0, le=1.0)
    """Share of a step's power that the mains may have before the step is `mains`."""
    common_share: float = Field(0.8, gt=0.0, le=1.0)
    """Share of the power that all channels have in common from which a broadband step is
    `movement`; a seizure that spreads differs between regions, a cable does not."""
    suppression_share: float = Field(0.4, gt=0.0, lt=1.0)
    """Share of the baseline's line length below which the brain is suppressed. A change of state
    stays above one half."""
    suppression_wait_s: float = Field(10.0, ge=0.0)
    """Suppression counts as postictal when it begins within this time of the seizure's end, s."""
    onset_before_s: float = Field(40.0, ge=20.0, le=300.0)
    """Time before the event that is read to place its onset, s."""
    onset_search_s: float = Field(10.0, ge=2.0, le=60.0)
    """Onsets are sought from this long before the event, which low-voltage fast activity and slow
    build-ups precede by seconds; what lies earlier is their baseline, s. Less is searched after a
    gap, down to 2 s. What has risen before is not placed."""
    onset_after_s: float = Field(30.0, ge=5.0, le=300.0)
    """Onsets are sought until this long into the event, s: how late a region may join."""
    onset_step_s: float = Field(0.25, ge=0.05, le=1.0)
    """Step of the onset methods, s (Bartolomei et al. 2008). Regions closer than one step are
    `unresolved`."""
    onset_window_s: float = Field(1.0, ge=0.25, le=4.0)
    """Window of the energy ratio, s (Bartolomei et al. 2008)."""
    ei_bias: float = Field(0.1, ge=0.0)
    """Bias of the Page-Hinkley test on the energy ratio (Bartolomei et al. 2008)."""
    ei_threshold: float = Field(10.0, gt=0.0)
    """Threshold of the Page-Hinkley test, in units of the top of the channel's usual energy ratio,
    summed over steps. In these units the ratio's own noise stays below 0.2 per step, with which
    chance reaches 10 about once in e^12 tries."""
    ei_sum_s: float = Field(5.0, gt=0.0)
    """Time H over which the energy ratio is summed after detection, s (Bartolomei et al. 2008)."""
    onset_z: float = Field(3.0, gt=0.0)
    """Robust z against the minute before that the other onset methods ask for."""
    fast_min_s: float = Field(1.0, gt=0.0)
    """Shortest low-voltage fast activity, s."""
    fast_max_amplitude: float = Field(2.0, gt=1.0)
    """Amplitude below 30 Hz, as a multiple of the minute before, up to which voltage is `low`."""
    bootstrap: int = Field(500, ge=50)
    """Bootstrap draws over channels and methods for the confidence of the onset region."""
    min_onset_confidence: float = Field(0.8, ge=0.0, le=1.0)
    """A region that is right with a smaller chance than this is `unresolved`. With 0.8 the least
    sure of the resolved seizures is wrong in one of five; on average they are better than that."""
    hfo_peak_sd: float = Field(5.0, gt=0.0)
    """Standard deviations above the mean of the rectified background that the highest half-wave of
    a high-frequency oscillation reaches (Staba et al. 2002; the background is robust)."""
    hfo_edge_sd: float = Field(3.0, gt=0.0)
    """Standard deviations that its other half-waves reach (Staba et al. 2002)."""
    hfo_half_waves: int = Field(6, ge=2)
    """Half-waves of a high-frequency oscillation above `hfo_edge_sd`, at least; 6 are three full
    oscillations (Staba et al. 2002)."""
    detector: Literal["trained", "thresholds"] = "trained"
    """trained: where recordings have seizure_labels, a detector learns from them, and finds the
    seizures of all recordings if it beats the thresholds on what it had not seen; thresholds: the
    labels are not learnt from."""
    blocks: int = Field(5, ge=2, le=20)
    """Blocks of time of which each is left out once while a detector is trained, where the labelled
    seizures are of one animal."""
    trees: int = Field(200, ge=10, le=5000)
    """Boosting rounds of the trained detector (XGBoost)."""
    depth: int = Field(4, ge=1, le=10)
    """Depth of its trees."""
    learning_rate: float = Field(0.1, gt=0.0, le=1.0)
    """Its learning rate."""
    seed: int = 1
    """Seed of what is drawn by chance while a detector learns."""
