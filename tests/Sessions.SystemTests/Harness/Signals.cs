using System.Globalization;
using System.Runtime.InteropServices;

namespace Sessions.SystemTests.Harness;

/// <summary>What the tests do to processes, by their ids only.</summary>
public static class Signals
{
    private const int ControlC = 2;
    private const int Quit = 3;
    private const int KillNow = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int StopNow = 19;

    /// <summary>SIGKILL: the process has no chance to write anything.</summary>
    public static void Kill9(int pid) => Send(pid, KillNow);

    /// <summary>SIGTERM: asks to stop in order.</summary>
    public static void Term(int pid) => Send(pid, Terminate);

    /// <summary>SIGINT: what Ctrl+C sends, and Postgres' fast shutdown.</summary>
    public static void Interrupt(int pid) => Send(pid, ControlC);

    /// <summary>SIGQUIT, which is Postgres' immediate shutdown: no checkpoint, all its processes end.</summary>
    public static void QuitNow(int pid) => Send(pid, Quit);

    /// <summary>SIGSTOP: the process does nothing more, and does not know.</summary>
    public static void Freeze(int pid) => Send(pid, StopNow);

    /// <summary>SIGCONT: a frozen process goes on where it was.</summary>
    public static void GoOn(int pid) => Send(pid, Continue);

    /// <summary>Whether the process runs; a dead one that nobody has reaped yet does not.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            // The state is the first field after the name, which stands in parentheses and may hold anything.
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The process that started this one; 0 when it is gone.</summary>
    public static int ParentOf(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The process' command line, which Postgres sets to what the process does; empty when it is gone.</summary>
    public static string TitleOf(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>The memory that the process holds, in bytes.</summary>
    public static long ResidentBytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        string kibibytes = line["VmRSS:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }

    private static void Send(int pid, int signal)
    {
        // 0, 1 and negative numbers would reach far more than one process.
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2);
        _ = kill(pid, signal);
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
#pragma warning disable IDE1006 // The name is libc's.
    private static extern int kill(int pid, int signal);
#pragma warning restore IDE1006
}
