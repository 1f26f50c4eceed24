using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Sdk;

namespace Sessions.SystemTests.Harness;

/// <summary>
/// Waits for conditions, never for a time: a fast machine goes on at once, a busy one gets its bound. Bounds are for a quiet machine:
/// <see cref="Load.Slowness"/> multiplies them.
/// </summary>
public static class Wait
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private static readonly ConcurrentDictionary<object, string> Open = new();

    /// <summary>What is being waited for at this moment, for a test whose time is over.</summary>
    public static string Now => string.Join("; ", Open.Values.Select(why => why.Split(Environment.NewLine)[0]).Distinct());

    /// <summary>Returns when the condition holds; fails with <paramref name="why"/> when it does not within the bound.</summary>
    public static Task For(Func<Task<bool>> condition, string why, TimeSpan bound) => For(condition, () => why, bound);

    /// <summary>The same with a reason that is found when it is told, such as what a program said last.</summary>
    public static Task For(Func<Task<bool>> condition, Func<string> why, TimeSpan bound) =>
        For(async () => await condition() ? "" : null, why, bound);

    /// <summary>Returns the first value that is not null; fails with <paramref name="why"/> when none comes.</summary>
    public static Task<T> For<T>(Func<Task<T?>> probe, string why, TimeSpan bound)
        where T : class => For(probe, () => why, bound);

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
            () => $"{why}{Environment.NewLine}{string.Join(Environment.NewLine, last.Take(20))}",
            bound);
    }

    /// <summary>The same with a reason that is found when it is told.</summary>
    public static async Task<T> For<T>(Func<Task<T?>> probe, Func<string> why, TimeSpan bound)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(Pace);
        Open[clock] = why();
        try
        {
            while (true)
            {
                if (await probe() is { } found)
                {
                    return found;
                }

                if (clock.Elapsed > bound && clock.Elapsed > bound * Load.Slowness)
                {
                    throw new XunitException($"Waited {clock.Elapsed.TotalSeconds:0.0} s in vain: {why()}");
                }

                await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            Open.TryRemove(clock, out _);
        }
    }
}
