using System.Globalization;
using System.Runtime.InteropServices;

namespace Sessions.Benchmarks.Reporting;

/// <summary>What it was measured on.</summary>
internal static class Machine
{
    public static string Describe()
    {
        double gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} × {Processor()}, {gigabytes:0} GB, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, load {Load()} at the end");
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]
            : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The load average of the last minute: whether anybody else was at work.</summary>
    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
