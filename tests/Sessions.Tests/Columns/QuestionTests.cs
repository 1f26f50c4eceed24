using Sessions.Columns;
using Sessions.Columns.Asking;

namespace Sessions.Tests.Columns;

/// <summary>What a question may be, and what its answer has.</summary>
public sealed class QuestionTests(TestPostgres postgres)
{
    private static readonly ColumnsLimits Limits = new(TimeSpan.FromSeconds(30), 3);

    [Fact]
    public async Task Parameters_and_values_keep_their_types()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        var id = Guid.NewGuid();
        DateTimeOffset time = new(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);

        ColumnsAnswer answer = await columns.Ask(
            "SELECT $1, $2, $3, $4, $5, $6, $7, $8::VARCHAR, list_contains($9, 'b'), list_contains($10, $2), sum(9000000000), current_setting('TimeZone'), DATE '2026-01-02', ['a', NULL], 1.5::FLOAT",
            "text", id, time, 5L, 1.5, 2.25m, true, null, new[] { "a", "b" }, new[] { id });

        object?[] row = Assert.Single(answer.Rows);
        Assert.Equal(
            ["text", id, time, 5L, 1.5, 2.25m, true, null, true, true, 9_000_000_000L, "UTC", new DateOnly(2026, 1, 2), new object?[] { "a", null }, 1.5],
            row);
    }

    [Fact]
    public async Task Several_statements_see_one_state()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(1));
        for (int step = 0; step < 100; step++)
        {
            await traffic.Step();
        }

        ColumnsStatement[] twice = [new("SELECT count(*) FROM events", []), new("SELECT count(*) FROM events", [])];
        IReadOnlyList<ColumnsAnswer> answers = await columns.Ask(twice);

        Assert.Equal(answers[0].Rows[0][0], answers[1].Rows[0][0]);
    }

    [Fact]
    public async Task Statements_on_two_connections_see_one_state_while_events_come()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.Ask("SELECT 1");
        Task writing = Task.Run(async () =>
        {
            await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(1));
            for (int step = 0; step < 100; step++)
            {
                await traffic.Step();
            }
        });

        HashSet<object?> counts = [];
        ColumnsStatement[] same = [.. Enumerable.Range(0, 6).Select(_ => new ColumnsStatement("SELECT count(*) FROM events", []))];
        do
        {
            IEnumerable<object?> answers = (await columns.Ask(same)).Select(answer => answer.Rows[0][0]);
            counts.Add(Assert.Single(answers.Distinct()));
        }
        while (!writing.IsCompleted);

        await writing;
        Assert.True(counts.Count > 1, $"Events were to come meanwhile, but the counts were {string.Join(", ", counts)}.");
    }

    [Fact]
    public async Task An_answer_with_more_rows_than_the_limit_is_cut()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.Ask("SELECT 1");

        IReadOnlyList<ColumnsAnswer>? answers = await columns.Open.Read(
            columns.Project, [new("SELECT * FROM range(10)", []), new("SELECT * FROM range(3)", [])], Limits, default);

        Assert.Equal([(3, true), (3, false)], answers!.Select(answer => (answer.Rows.Count, answer.IsCut)));
    }

    [Theory]
    [InlineData("SELECT nothing FROM sessions")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("COMMIT; DELETE FROM events")]
    [InlineData("DELETE FROM events")]
    [InlineData("CREATE TABLE t (i INTEGER)")]
    [InlineData("CREATE TEMP TABLE t (i INTEGER)")]
    [InlineData("ATTACH ':memory:' AS other")]
    [InlineData("SET threads = 1")]
    [InlineData("PRAGMA enable_profiling")]
    [InlineData("COPY events TO '/tmp/sessions-columns-copy.csv'")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT getenv('HOME')")]
    [InlineData("CALL pragma_version()")]
    [InlineData("not sql at all")]
    [InlineData("")]
    public async Task A_statement_that_is_no_single_question_is_refused(string sql)
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.Ask("SELECT 1");

        await Assert.ThrowsAsync<ColumnsRefusedException>(() => columns.Open.Read(columns.Project, [new(sql, [])], Limits, default));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_ends_and_others_are_answered()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.Ask("SELECT 1");

        await Assert.ThrowsAsync<TimeoutException>(() => columns.Open.Read(
            columns.Project,
            [new("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3", [])],
            new ColumnsLimits(TimeSpan.FromMilliseconds(300), 3),
            default));

        Assert.Equal(1L, (await columns.Ask("SELECT 1")).Rows[0][0]);
        Assert.Equal(0, columns.Ends);
    }

    [Fact]
    public async Task A_statement_that_does_not_obey_its_cancel_ends_the_process()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, options => options.CancelSeconds = 0.1);
        await columns.Ask("SELECT 1");

        await Assert.ThrowsAnyAsync<Exception>(() => columns.Open.Read(
            columns.Project,
            [new("SELECT levenshtein(repeat('a', 20000), repeat('b', 20000))", [])],
            new ColumnsLimits(TimeSpan.FromMilliseconds(100), 3),
            default));

        Assert.True(columns.Ends > 0);
    }

    [Fact]
    public async Task A_query_that_does_not_obey_its_cancel_keeps_no_other_query_waiting()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, OneQueryAtOnce);
        await columns.Ask("SELECT 1");

        Task<ColumnsAnswer?> late = columns.Open.Read(
            Query(columns, "SELECT levenshtein(repeat('a', 60000), repeat('b', 60000))", TimeSpan.FromMilliseconds(100)), default);
        ColumnsAnswer? other = await columns.Open.Read(Query(columns, "SELECT 1 AS n", TimeSpan.FromSeconds(60)), default);

        Assert.Equal("1", other!.Rows[0][0]);
        Assert.False(late.IsCompleted);
        await Assert.ThrowsAsync<TimeoutException>(() => late);
    }

    [Fact]
    public async Task A_query_is_left_to_Postgres_when_others_have_taken_all_turns_for_too_long()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, OneQueryAtOnce);
        await columns.Ask("SELECT 1");
        columns.Options.PatienceSeconds = 0.1;
        using CancellationTokenSource leaves = new();

        Task<ColumnsAnswer?> endless = columns.Open.Read(
            Query(columns, "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3", TimeSpan.FromSeconds(60)), leaves.Token);
        ColumnsAnswer? other = await columns.Open.Read(Query(columns, "SELECT 1 AS n", TimeSpan.FromSeconds(60)), default);

        Assert.Null(other);
        Assert.False(endless.IsCompleted);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
    }

    // The tests' own process has the memory of all tests.
    private static void OneQueryAtOnce(ColumnsOptions options) => (options.SqlAtOnce, options.SqlMegabytes, options.CancelSeconds) = (1, 1_000_000, 60);

    private static UserQuestion Query(TestColumns columns, string sql, TimeSpan most) => new(columns.Project, sql, most, 10, 1000);
}
