using System.Globalization;

namespace Sessions.SystemTests.Harness;

/// <summary>How much the machine has to do besides the test that asks.</summary>
public static class Load
{
    // Beyond that a test is no longer a test of what it waits for.
    private const double Most = 5;

    /// <summary>
    /// By how much longer the machine takes now than a quiet one: its load average of the last minute for each processor, from 1 to 5.
    /// Bounds are for a quiet machine, and are multiplied with it.
    /// </summary>
    public static double Slowness
    {
        get
        {
            string average = File.ReadAllText("/proc/loadavg").Split(' ')[0];
            return Math.Clamp(double.Parse(average, CultureInfo.InvariantCulture) / Environment.ProcessorCount, 1, Most);
        }
    }
}
