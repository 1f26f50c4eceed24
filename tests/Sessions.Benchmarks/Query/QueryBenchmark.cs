using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sessions.SystemTests.Harness;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Query;

/// <summary>How long the questions of the pages take over HTTP, beside plain SQL over events alone.</summary>
internal sealed class QueryBenchmark : IBenchmark
{
    // Smaller ones for a machine that has less time; the figures' facts say which.
    private const string SessionsVariable = "SESSIONS_BENCH_SESSIONS";

    private const string OfPlan =
        """
        {"date_from":"-30d","series":[{"event":"$pageview","math":"unique_sessions",
         "filters":[{"key":"plan","type":"event","operator":"exact","value":"pro"}]}]}
        """;

    private const string BytesOfPostgres =
        """
        select sum(pg_total_relation_size(c.oid))::bigint
        from   pg_class c
        where  c.oid in ('tracking.sessions'::regclass, 'tracking.identities'::regclass)
           or  c.oid in (select inhrelid from pg_inherits where inhparent = 'tracking.journal'::regclass)
        """;

    private static readonly Question[] Questions =
    [
        new("the overview page, 30 days", Get("/?date_from=-30d"), null, AtMost(60)),
        new("tiles of 30 days", Get("/api/web-analytics/overview?date_from=-30d"), "alone_overview.sql", AtMost(30)),
        new("entry paths of 30 days", Get("/api/web-analytics/entry_path?date_from=-30d&limit=10"), "alone_entry_paths.sql", AtMost(30)),
        new("trend of 30 days", Ask("""{"date_from":"-30d","interval":"day","series":[{"event":null,"math":"total"}]}"""), "alone_trend.sql", AtMost(10)),
        new(
            "p90 duration by entry path",
            Ask(
                """
                {"date_from":"-30d","series":[{"event":null,"math":"p90","property":"$session_duration"}],
                 "breakdown":{"property":"$entry_pathname","limit":25}}
                """),
            "alone_p90_by_entry_path.sql", AtMost(12)),
        new("a page of sessions", Get("/api/sessions?limit=100&date_from=-7d"), "alone_sessions_page.sql"),
        new(
            "a page of sessions that signed up",
            Get("/api/sessions?limit=100&date_from=-30d&filters="
                + Uri.EscapeDataString("""[{"key":"event","type":"event","operator":"exact","value":"signup"}]""")),
            "alone_signed_up_page.sql", AtMost(40)),
        new(
            "unique sessions formula",
            Ask(
                """
                {"date_from":"-30d","interval":"day","formula":"A / B * 100",
                 "series":[{"event":"signup","math":"unique_sessions"},{"event":null,"math":"unique_sessions"}]}
                """),
            "alone_signup_rate.sql", AtMost(90)),
        new(
            "unique sessions with an event, by day, 30 days",
            Ask("""{"date_from":"-30d","interval":"day","series":[{"event":"signup","math":"unique_sessions"}]}"""), null, AtMost(20)),
        new("events by name with sessions and persons, 30 days", Get("/api/web-analytics/events?date_from=-30d&limit=10"), null, AtMost(200)),
        new("unique sessions of an event where a frequent property has a value", Ask(OfPlan), null, AtMost(60)),
        new("unique sessions of an event where a rare property has a value", Ask(OfPlan.Replace("plan", "coupon", StringComparison.Ordinal).Replace("pro", "c3", StringComparison.Ordinal)), null, AtMost(400)),
        new("all events counted by a frequent property", AskSql("select properties ->> 'plan', count(*) from events group by 1"), null, AtMost(200)),
        new("all events counted by a rare property", AskSql("select properties ->> 'coupon', count(*) from events group by 1"), null, AtMost(4000)),
        .. new[] { "/?date_from=-7d", "/live", "/sessions?date_from=-7d", "/sessions?date_from=-30d", "/explore?date_from=-30d", "/explore?date_from=-30d&breakdown=%24channel_type", "/sql", "/project", "/project/privacy" }
            .Select(page => new Question($"page {page}", Get(page), null, AtMost(150))),
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

        // The key for the API; a cookie, as a browser has it, for the page.
        using HttpClient program = new() { BaseAddress = product.Ready.Gateways[0], Timeout = TimeSpan.FromMinutes(5) };
        (await program.SignIn(product.Ready.ApiKey)).EnsureSuccessStatusCode();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", product.Ready.ApiKey);
        begun = Stopwatch.GetTimestamp();
        long bytes = await Written(product, program);
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "the columns are written from Postgres",
            Value = Stopwatch.GetElapsedTime(begun).TotalSeconds,
            Unit = "s",
            Bar = new Bar(120, IsMost: true),
        });
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "bytes of the columns to Postgres' bytes of the same",
            Value = bytes / (double)await product.Ask<long>(BytesOfPostgres),
            Unit = "",
            Bar = new Bar(0.12, IsMost: true),
        });
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
                await product.Do(await Text(sql));
                bench.Report(new Figure
                {
                    Benchmark = Name,
                    Name = $"{question.Name}, from events alone",
                    Value = Stopwatch.GetElapsedTime(begun).TotalMilliseconds,
                    Unit = "ms",
                });
            }
        }

        foreach (Figure figure in await MemoryAndStart(product, program))
        {
            bench.Report(figure);
        }
    }

    /// <summary>The most memory that the process of the columns had, and the first question after a start.</summary>
    private static async Task<IReadOnlyList<Figure>> MemoryAndStart(Product product, HttpClient program)
    {
        string most = File.ReadLines($"/proc/{product.Ready.OfRole("columns").Single().Pid}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        long bytes = long.Parse(most.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
        await product.Restart();
        return
        [
            new Figure { Benchmark = "query", Name = "memory of the columns' process, at most", Value = bytes / 1e9, Unit = "GB", Bar = AtMost(1.5) },
            new Figure { Benchmark = "query", Name = "first question after a start: tiles", Value = await Time(program, Questions[1]), Unit = "ms", Bar = AtMost(400) },
        ];
    }

    private static async Task Seed(Product product, int sessions)
    {
        await product.Do((await Text("query_seed.sql"))
            .Replace("{sessions}", sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await product.Do("vacuum analyze tracking.sessions");
        await product.Do("vacuum analyze tracking.journal");
        await product.Do("vacuum analyze tracking.identities");
    }

    /// <summary>Waits until the file of columns is written, and returns its bytes.</summary>
    private static async Task<long> Written(Product product, HttpClient program)
    {
        // The first question begins it.
        await Time(program, Questions[1]);
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(100));
        while (!await product.Ask<bool>("select exists (select from tracking.copies where project = 'default' and clean_from > '0')"))
        {
            await pace.WaitForNextTickAsync();
        }

        return new DirectoryInfo(Path.Combine(product.Data, "columns")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    private static async Task<string> Text(string file)
    {
        using StreamReader text = new(typeof(QueryBenchmark).Assembly.GetManifestResourceStream(file)!);
        return await text.ReadToEndAsync();
    }

    private static async Task<double> Time(HttpClient program, Question question)
    {
        long begun = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await program.SendAsync(question.Request());
        string body = await answer.Content.ReadAsStringAsync();
        double time = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        // SQL over all events may take longer than its limit.
        return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.GatewayTimeout ? time : throw new InvalidOperationException($"{question.Name}: {(int)answer.StatusCode} {body}");
    }

    private static Bar AtMost(double milliseconds) => new(milliseconds, IsMost: true);

    private static Func<HttpRequestMessage> Get(string path) => () => new HttpRequestMessage(HttpMethod.Get, path);

    private static Func<HttpRequestMessage> Ask(string query) => Post("/api/query", query);

    private static Func<HttpRequestMessage> AskSql(string sql) => Post("/api/sql", JsonSerializer.Serialize(new { query = sql }));

    private static Func<HttpRequestMessage> Post(string path, string json) => () => new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new StringContent(json, Encoding.UTF8, "application/json"),
    };

    private sealed record Question(string Name, Func<HttpRequestMessage> Request, string? OfEvents = null, Bar? Bar = null);
}
