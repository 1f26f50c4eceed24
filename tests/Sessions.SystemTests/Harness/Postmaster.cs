namespace Sessions.SystemTests.Harness;

/// <summary>The private Postgres' first process, and what it takes to start it again as it was.</summary>
public sealed record Postmaster(int Pid, string Binaries, string Data, int User, int Group)
{
    /// <summary>Looks at a running one.</summary>
    public static Postmaster At(int pid)
    {
        string[] line = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        return new Postmaster(
            pid,
            Path.GetDirectoryName(line[0])!,
            line[Array.IndexOf(line, "-D") + 1],
            Id(pid, "Uid:"),
            Id(pid, "Gid:"));
    }

    /// <summary>Shuts it down in order, as an operator does.</summary>
    public Task ShutDown()
    {
        Signals.Interrupt(Pid);
        return IsGone();
    }

    /// <summary>Kills it with -9; its other processes notice and end by themselves.</summary>
    public Task Kill9()
    {
        Signals.Kill9(Pid);
        return IsGone();
    }

    /// <summary>Starts the server on the same data, as the same user.</summary>
    public async Task StartAgain()
    {
        string[] pgCtl = [Path.Combine(Binaries, "pg_ctl"), "-D", Data, "-l", Path.Combine(Data, "start.log"), "-w", "-s", "start"];
        string[] line = Environment.IsPrivilegedProcess
            ? ["setpriv", $"--reuid={User}", $"--regid={Group}", "--clear-groups", "--", .. pgCtl]
            : pgCtl;
        await QuietProgram.Run(line);
    }

    /// <summary>Waits until no process of a server works in the data directory. A pid file may be left of one that was killed.</summary>
    public static Task NoneIsLeft(string data) => Wait.For(
        () => Task.FromResult(!Directory.EnumerateDirectories("/proc").Any(process => IsOfServer(process, data))),
        "a process of Postgres is left",
        TimeSpan.FromSeconds(30));

    private static bool IsOfServer(string process, string data)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "comm")).Trim() == "postgres"
                && Directory.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName == data;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private Task IsGone() =>
        Wait.For(() => Task.FromResult(!Signals.IsAlive(Pid)), "Postgres did not end", TimeSpan.FromSeconds(30));

    private static int Id(int pid, string field) =>
        int.Parse(File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split('\t')[1]);
}
