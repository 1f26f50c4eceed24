namespace Sessions.SystemTests.Readers;

/// <summary>
/// An access log of readers who never were, by a seed: most come once and look at one page, a few come back for weeks;
/// within a visit the gaps are log-normal, between visits there are days. The gaps that tell a rule from its neighbour
/// (a second under the timeout, the timeout, a second over) are more frequent than in life.
/// </summary>
public sealed class SeededLog(int seed)
{
    private const double MedianGapSeconds = 70;
    private const double GapSigma = 1.4;
    private const double MeanDaysAway = 2.5;

    private static readonly DateTimeOffset Begin = new(2024, 3, 4, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Pages = ["/", "/wiki/Sun", "/wiki/Moon", "/wiki/Tide", "/search?q=moon%20phase", "/images/eclipse.gif"];

    private static readonly string[] UserAgents =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 Edg/122.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Safari/605.1.15",
        "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.3 Mobile/15E148 Safari/604.1",
    ];

    private readonly Random _random = new(seed);

    /// <summary>The log in the order of time.</summary>
    public Reading[] Of(int readers) =>
        [.. Enumerable.Range(0, readers).SelectMany(Reader).OrderBy(reading => reading.At)];

    private IEnumerable<Reading> Reader(int number)
    {
        string name = $"reader-{number}";
        string userAgent = UserAgents[_random.Next(UserAgents.Length)];
        DateTimeOffset at = Begin.AddSeconds(_random.Next(14 * 24 * 3600));
        IEnumerable<int> gaps = (number % 200) switch
        {
            // A page that loads itself again, for a day and a half: exactly at the timeout, to exactly 24 hours and over.
            7 => Enumerable.Repeat(1_800, 72),
            // Somebody who never is away for half an hour, for two days.
            8 => Enumerable.Range(0, 150).Select(_ => _random.Next(600, 1_790)),
            _ => Visits(),
        };
        yield return Page(at);
        foreach (int seconds in gaps)
        {
            at = at.AddSeconds(seconds);
            yield return Page(at);
        }

        Reading Page(DateTimeOffset when) => new(NextId(), name, when, $"https://encyclopedia.example{Pages[_random.Next(Pages.Length)]}", userAgent);
    }

    /// <summary>The seconds between each page and the next, over all visits of one reader.</summary>
    private IEnumerable<int> Visits()
    {
        // Many come once, few come dozens of times.
        int visits = (int)Math.Min(60, 1 / Math.Pow(1 - _random.NextDouble(), 0.5));
        for (int visit = 0; visit < visits; visit++)
        {
            if (visit > 0)
            {
                yield return 2_000 + (int)(-Math.Log(1 - _random.NextDouble()) * MeanDaysAway * 24 * 3600);
            }

            while (_random.NextDouble() > 0.45)
            {
                yield return Gap();
            }
        }
    }

    private int Gap() => _random.Next(100) switch
    {
        0 => 1_799,
        1 => 1_800,
        2 => 1_801,
        3 => 0,
        _ => (int)(MedianGapSeconds * Math.Exp(GapSigma * Normal())),
    };

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
