"""What each figure shows, in words: title and caption."""

BANDS = (
    "Recordings of more than three hours are drawn as bands: light the range from minimum to "
    "maximum, dark the middle 80 % of the samples."
)

CAPTIONS = {
    "channels": (
        "What was measured of each channel",
        "Root mean square from 1 Hz on, and noise floor at the upper end of the band; highest "
        "correlation with another brain channel of the region (of all regions where it is alone); "
        "share of the power that is mains hum. Colour and shape: the verdict.",
    ),
    "overview": (
        "The whole recording",
        "Light and darkness of the room with seizures (▼) above; power relative to its median over "
        "the recording at each frequency (red more, blue less); states; how sure the scorer is of "
        "them (the threshold scorer does not tell); muscle tone; speed of the head; evidence for "
        "seizures. Hatched: gaps in the signals. Vertical lines: onsets of seizures; dashed, with "
        "a cross above: death. " + BANDS,
    ),
    "spectrogram": (
        "Spectrogram of each region, power of its bands, and the hypnogram",
        "Power in dB above its median over the recording at each frequency (red more power, blue "
        "less); below, the same of the mean power of each band, smoothed, one line per region; "
        "frequencies near the mains are left out of the bands. Colours and axes end at three times "
        "what 75 % stay under, so that a seizure leaves them. Hatched or grey: no data. Vertical "
        "lines: onsets of seizures; dashed: death.",
    ),
    "state_spectra": (
        "Spectra by state",
        "Median power density of each region in each state, with the quartiles shaded, over the "
        "windows that lie in one state and in no seizure. Both axes are logarithmic: power that "
        "falls as a power of frequency is a straight line (dotted: 1/f), and a rhythm is a bump on "
        "it. Grey: what the mains reach.",
    ),
    "zeitgeber_day": (
        "A day in zeitgeber hours",
        "Share of each state in the classified time of each hour since the lights went on; shaded: "
        "darkness. Where hours were recorded on several days the bars are over all of them and "
        "each thin line is a day. Hatched: less than ten minutes of the hour are classified. Each "
        "state has its own scale.",
    ),
    "movement": (
        "Movement over the whole recording",
        "Share of time at each head direction (0° to the right of the image, counter-clockwise). "
        "Angular velocity (counter-clockwise positive) and angular acceleration, speed, "
        "acceleration and jerk of the head: the line is the median of the frames of each bin, the "
        "band 5 to 95 % of them; the width of the bins stands below. Then bouts of movement and "
        "immobility (in recordings of more than 24 minutes the share of time in each bin; white: "
        "neither, or not tracked) and the state. Axes leave out the most extreme bins.",
    ),
    "head_direction": (
        "Head direction and its turns, frame by frame",
        "The stretch with most turns: head direction (0° to the right of the image, "
        "counter-clockwise), angular velocity and acceleration, speed, acceleration, jerk, and "
        "bouts of movement and immobility. Shaded: turns.",
    ),
    "turns": (
        "Clockwise and counter-clockwise turns",
        "Each turn as a line as long as its angle, counter-clockwise up and clockwise down; turns "
        "per minute; the sum of all turns in full rotations, which climbs or falls in an animal "
        "that circles; right, how many turns have which angle.",
    ),
    "arena": (
        "Where the animal was and which way it looked",
        "Left: the track of the head, seen from above as in the video, coloured by state, or by "
        "time where sleep was not scored; dots mark NREM and REM. Long recordings are drawn as "
        "points at the interval given. Middle: time at each place. Right: share of frames at each "
        "head direction while moving and while immobile; the line is the mean vector (1 = always "
        "the same direction).",
    ),
}
