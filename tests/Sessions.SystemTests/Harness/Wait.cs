using System.Diagnostics;
using Xunit.Sdk;

namespace Sessions.SystemTests.Harness;

/// <summary>Waits for conditions, never for a time: a fast machine goes on at once, a busy one gets its bound.</summary>
public static class Wait
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns when the condition holds; fails with <paramref name="why"/> when it does not within the bound.</summary>
    public static Task For(Func<Task<bool>> condition, string why, TimeSpan bound) =>
        For(async () => await condition() ? "" : null, _ => why, bound);

    /// <summary>Returns the first value that is not null; fails with <paramref name="why"/> when none comes.</summary>
    public static Task<T> For<T>(Func<Task<T?>> probe, string why, TimeSpan bound)
        where T : class => For(probe, _ => why, bound);

    /// <summary>Returns when the probe finds nothing wrong any more; fails with what it found last.</summary>
    public static Task ForNothingWrong(Func<Task<IReadOnlyList<string>>> probe, string why, TimeSpan bound)
    {
        IReadOnlyList<string> last = [];
        return For(
            async () =>
            {
                last = await probe();
                return last.Count == 0 ? "" : null;
            },
            _ => $"{why}{Environment.NewLine}{string.Join(Environment.NewLine, last.Take(20))}",
            bound);
    }

    private static async Task<T> For<T>(Func<Task<T?>> probe, Func<TimeSpan, string> why, TimeSpan bound)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(Pace);
        while (true)
        {
            if (await probe() is { } found)
            {
                return found;
            }

            if (clock.Elapsed > bound)
            {
                throw new XunitException($"Waited {clock.Elapsed.TotalSeconds:0.0} s in vain: {why(clock.Elapsed)}");
            }

            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
