using System.Buffers.Binary;

namespace Sessions.Domain.Webhooks;

/// <summary>When a failed delivery is retried, and when it is given up.</summary>
/// <param name="First">The pause after the first attempt.</param>
/// <param name="Longest">The longest pause.</param>
/// <param name="MaxAttempts">The most attempts; after the last one the delivery is dead.</param>
/// <param name="LongestRest">The longest pause of an endpoint whose deliveries all fail.</param>
public sealed record RetryRules(TimeSpan First, TimeSpan Longest, int MaxAttempts, TimeSpan LongestRest)
{
    // 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h: a short outage is soon over, a long one costs few attempts.
    private const double Growth = 3;

    // Up to a fifth shorter or longer, so that deliveries that failed at the same moment are not retried at the same
    // moment.
    private const double Spread = 0.4;

    // One or two deliveries may fail because of their content. An endpoint pauses only after this many successive
    // failures.
    private const int PatienceWithEndpoint = 3;

    /// <summary>The pause after a failed attempt; null when it was the last attempt.</summary>
    /// <param name="delivery">The delivery's id, from which the random part of the pause is computed.</param>
    /// <param name="attempts">The number of attempts so far, at least 1.</param>
    /// <param name="asked">
    /// The pause that the endpoint requested (<c>Retry-After</c>). It makes the pause longer, up to the longest.
    /// </param>
    public TimeSpan? PauseAfter(Guid delivery, int attempts, TimeSpan? asked = null)
    {
        if (attempts >= MaxAttempts)
        {
            return null;
        }

        TimeSpan pause = Grown(First, attempts - 1, Longest) * (1 - (Spread / 2) + (Spread * Share(delivery, attempts)));
        TimeSpan wish = asked < Longest ? asked.Value : asked is null ? TimeSpan.Zero : Longest;
        return pause > wish ? pause : wish;
    }

    /// <summary>The pause of an endpoint after that many successive rounds in which every delivery failed.</summary>
    public TimeSpan RestAfter(int failures) =>
        failures < PatienceWithEndpoint
            ? TimeSpan.Zero
            : Grown(TimeSpan.FromSeconds(1), failures - PatienceWithEndpoint, LongestRest);

    private static TimeSpan Grown(TimeSpan first, int times, TimeSpan longest)
    {
        double seconds = first.TotalSeconds * Math.Pow(Growth, times);
        return seconds < longest.TotalSeconds ? TimeSpan.FromSeconds(seconds) : longest;
    }

    /// <summary>A pseudo-random number from 0 to 1, always the same for the same attempt.</summary>
    private static double Share(Guid delivery, int attempts)
    {
        Span<byte> bytes = stackalloc byte[16];
        delivery.TryWriteBytes(bytes);
        ulong mixed = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ ((ulong)attempts * 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (mixed >> 11) / (double)(1UL << 53);
    }
}
