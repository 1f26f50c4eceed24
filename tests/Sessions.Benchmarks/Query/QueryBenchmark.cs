using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Query;

/// <summary>How long the questions of the pages take over HTTP, beside plain SQL over events alone.</summary>
internal sealed class QueryBenchmark : IBenchmark
{
    // Smaller ones for a machine that has less time; the figures' facts say which.
    private const string SessionsVariable = "SESSIONS_BENCH_SESSIONS";

    private const string OverviewOfEvents =
        """
        select count(*), count(distinct distinct_id), sum(views), avg(seconds), percentile_cont(0.5) within group (order by seconds),
               avg((views < 2 and clicks = 0 and seconds < 10)::integer)
        from   (select session_id,
                       min(distinct_id)                                         as distinct_id,
                       extract(epoch from max(time) - min(time))::float8        as seconds,
                       count(*) filter (where event in ('$pageview', '$screen')) as views,
                       count(*) filter (where event = '$autocapture')           as clicks
                from   tracking.journal
                where  project = 'default' and time >= now() - interval '30 days'
                group by session_id) s
        """;

    private const string TrendOfEvents =
        """
        select date_trunc('day', start), count(*)
        from   (select session_id, min(time) as start
                from   tracking.journal
                where  project = 'default' and time >= now() - interval '30 days'
                group by session_id) s
        group by 1
        """;

    private static readonly Question[] Questions =
    [
        new("overview of 30 days", Get("/api/web-analytics/overview?date_from=-30d"), OverviewOfEvents, new Bar(300, IsMost: true)),
        new("trend of 30 days", Ask("""{"date_from":"-30d","interval":"day","series":[{"event":null,"math":"total"}]}"""), TrendOfEvents),
        new("p90 duration by entry path", Ask(
            """
            {"date_from":"-30d","series":[{"event":null,"math":"p90","property":"$session_duration"}],
             "breakdown":{"property":"$entry_pathname","limit":25}}
            """)),
        new("a page of sessions", Get("/api/sessions?limit=100")),
        new("a page of sessions that signed up", Get(
            "/api/sessions?limit=100&date_from=-30d&filters=" + Uri.EscapeDataString("""[{"key":"event","type":"event","operator":"exact","value":"signup"}]"""))),
        new("unique sessions formula", Ask(
            """
            {"date_from":"-30d","interval":"day","formula":"A / B * 100",
             "series":[{"event":"signup","math":"unique_sessions"},{"event":null,"math":"unique_sessions"}]}
            """)),
        new("entry paths of 30 days", Get("/api/web-analytics/entry_path?date_from=-30d&limit=10")),
    ];

    public string Name => "query";

    public string Measures => "the pages' questions over 1,000,000 sessions and 10,000,000 events, beside SQL over events alone";

    public async Task Run(Bench bench)
    {
        int sessions = int.Parse(
            Environment.GetEnvironmentVariable(SessionsVariable) ?? "1000000", NumberStyles.None, CultureInfo.InvariantCulture);
        await using Product product = await Product.Start(Name);
        bench.Note("query: sessions, ten events each, over 90 days", sessions.ToString("N0", CultureInfo.InvariantCulture));
        long begun = Stopwatch.GetTimestamp();
        await Seed(product, sessions);
        bench.Note("query: seeded in", $"{Stopwatch.GetElapsedTime(begun).TotalSeconds:0} s");

        using HttpClient program = new() { BaseAddress = product.Ready.Gateways[0], Timeout = TimeSpan.FromMinutes(5) };
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", product.Ready.ApiKey);
        foreach (Question question in Questions)
        {
            List<double> rounds = [];
            // The first one fills the caches.
            for (int round = 0; round <= bench.Rounds; round++)
            {
                rounds.Add(await Time(program, question));
            }

            rounds.RemoveAt(0);
            bench.Report(new Figure
            {
                Benchmark = Name,
                Name = question.Name,
                Value = Figure.Median(rounds),
                Unit = "ms",
                Bar = question.Bar,
                Rounds = rounds,
            });
            if (question.OfEvents is { } sql)
            {
                begun = Stopwatch.GetTimestamp();
                await product.Do(sql);
                bench.Report(new Figure
                {
                    Benchmark = Name,
                    Name = $"{question.Name}, from events alone",
                    Value = Stopwatch.GetElapsedTime(begun).TotalMilliseconds,
                    Unit = "ms",
                });
            }
        }
    }

    private static async Task Seed(Product product, int sessions)
    {
        using StreamReader text = new(typeof(QueryBenchmark).Assembly.GetManifestResourceStream("query_seed.sql")!);
        await product.Do((await text.ReadToEndAsync())
            .Replace("{sessions}", sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await product.Do("vacuum analyze tracking.sessions");
        await product.Do("vacuum analyze tracking.journal");
        await product.Do("vacuum analyze tracking.identities");
    }

    private static async Task<double> Time(HttpClient program, Question question)
    {
        long begun = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await program.SendAsync(question.Request());
        string body = await answer.Content.ReadAsStringAsync();
        double time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return answer.IsSuccessStatusCode ? time : throw new InvalidOperationException($"{question.Name}: {(int)answer.StatusCode} {body}");
    }

    private static Func<HttpRequestMessage> Get(string path) => () => new HttpRequestMessage(HttpMethod.Get, path);

    private static Func<HttpRequestMessage> Ask(string query) => () => new HttpRequestMessage(HttpMethod.Post, "/api/query")
    {
        Content = new StringContent(query, Encoding.UTF8, "application/json"),
    };

    private sealed record Question(string Name, Func<HttpRequestMessage> Request, string? OfEvents = null, Bar? Bar = null);
}
