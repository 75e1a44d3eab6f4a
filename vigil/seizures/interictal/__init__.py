"""Between seizures: spikes and high-frequency oscillations of each channel."""
