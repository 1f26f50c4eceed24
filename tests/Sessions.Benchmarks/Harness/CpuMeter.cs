using System.Globalization;

namespace Sessions.Benchmarks.Harness;

/// <summary>CPU time as the kernel counts it, of the product's own processes and of its Postgres.</summary>
/// <param name="Own">Gateways and silos.</param>
/// <param name="Postgres">The server and its backends, also those that have ended.</param>
/// <param name="Load">This process: what makes the load.</param>
internal readonly record struct CpuMeter(TimeSpan Own, TimeSpan Postgres, TimeSpan Load)
{
    private const double TicksPerSecond = 100;

    public TimeSpan Product => Own + Postgres;

    public static CpuMeter Read(Product product)
    {
        int postmaster = product.PostgresProcess;
        return new CpuMeter(
            product.OwnProcesses.Aggregate(TimeSpan.Zero, (sum, pid) => sum + Of(pid, withChildren: false)),
            Children(postmaster).Aggregate(Of(postmaster, withChildren: true), (sum, pid) => sum + Of(pid, withChildren: false)),
            Environment.CpuUsage.TotalTime);
    }

    public static CpuMeter operator -(CpuMeter after, CpuMeter before) =>
        new(after.Own - before.Own, after.Postgres - before.Postgres, after.Load - before.Load);

    private static IEnumerable<int> Children(int parent)
    {
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Fields(pid) is { } fields && fields[1] == parent.ToString(CultureInfo.InvariantCulture))
            {
                yield return pid;
            }
        }
    }

    private static TimeSpan Of(int pid, bool withChildren)
    {
        // utime, stime, and of children that have been waited for, cutime, cstime: fields 14 to 17.
        string[]? fields = Fields(pid);
        long ticks = fields is null ? 0 : fields[11..(withChildren ? 15 : 13)].Sum(text => long.Parse(text, CultureInfo.InvariantCulture));
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    /// <summary>The fields after the name, the state first; null when the process is gone.</summary>
    private static string[]? Fields(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
