// .NET finds this class in a program's process by its name, without a namespace: DOTNET_STARTUP_HOOKS.
#pragma warning disable IDE0130, CA1050
using System.Globalization;

/// <summary>
/// Runs in a silo or gateway before its program: when a line comes through a named pipe, it blocks threads of the thread pool, as
/// code does that waits where it should not.
/// </summary>
internal static class StartupHook
{
    /// <summary>The environment variable with the path of the pipe.</summary>
    public const string Pipe = "SESSIONS_TEST_STALL_PIPE";

    /// <summary>Begins to listen. .NET calls it.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Pipe) is { Length: > 0 } pipe)
        {
            new Thread(() => Listen(pipe)) { IsBackground = true }.Start();
        }
    }

    private static void Listen(string pipe)
    {
        while (true)
        {
            // Waits until a test opens it to write.
            using StreamReader lines = new(pipe);
            while (lines.ReadLine()?.Split(' ') is [var threads, var seconds])
            {
                Block(int.Parse(threads, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
            }
        }
    }

    private static void Block(int threads, TimeSpan time)
    {
        long begun = TimeProvider.System.GetTimestamp();
        ManualResetEvent never = new(false);
        for (int thread = 0; thread < threads; thread++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    // An item that gets a thread late waits only for the remaining time.
                    TimeSpan left = time - TimeProvider.System.GetElapsedTime(begun);
                    if (left > TimeSpan.Zero)
                    {
                        never.WaitOne(left);
                    }
                },
                null);
        }
    }
}
