using System.Diagnostics;

namespace Sessions.SystemTests.Traffic;

/// <summary>What the writers were answered, and how long it took.</summary>
public sealed class Answers
{
    private readonly Lock _gate = new();
    private readonly List<Answer> _all = [];

    /// <summary>Notes one attempt.</summary>
    /// <param name="asked">When it was sent: <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="status">The HTTP status; 0 when none came.</param>
    public void Note(long asked, int status)
    {
        lock (_gate)
        {
            _all.Add(new Answer(asked, Stopwatch.GetElapsedTime(asked), status));
        }
    }

    /// <summary>All attempts that were made from then on.</summary>
    public IReadOnlyList<Answer> Since(long begun)
    {
        lock (_gate)
        {
            return [.. _all.Where(answer => answer.Asked >= begun)];
        }
    }

    public IReadOnlyList<Answer> All => Since(0);
}

/// <summary>One attempt: when, for how long, and the HTTP status; 0 when no answer came.</summary>
public readonly record struct Answer(long Asked, TimeSpan Took, int Status);
