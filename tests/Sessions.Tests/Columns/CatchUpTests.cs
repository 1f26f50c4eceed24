namespace Sessions.Tests.Columns;

/// <summary>The tables of DuckDB are those of Postgres, whatever is written, and in whatever order it is committed.</summary>
public sealed class CatchUpTests(TestPostgres postgres)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Random_traffic_of_overlapping_transactions_gives_the_rows_of_the_views(int seed)
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(seed));
        for (int step = 0; step < 30; step++)
        {
            await traffic.Step();
        }

        await columns.AssertEqualsPostgres();
        for (int step = 0; step < 250; step++)
        {
            await traffic.Step();
            if (step % 3 == 0)
            {
                await columns.AssertEqualsPostgres();
            }
        }

        await traffic.Finish();
        await columns.AssertEqualsPostgres();
        await columns.Restart();
        await columns.AssertEqualsPostgres();
        Assert.True(await (await columns.Open.Take(columns.Project, default)).Rewrite(mustBeClean: true));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task Days_that_leave_the_journal_and_come_back_leave_and_come_back()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(5));
        for (int step = 0; step < 200; step++)
        {
            await traffic.Step();
        }

        await traffic.Finish();
        await columns.AssertEqualsPostgres();
        string day = DateTime.UtcNow.AddDays(-1).ToString("yyyyMMdd");
        await columns.Do($"alter table tracking.journal detach partition tracking.journal_{day} concurrently");
        await columns.AssertEqualsPostgres();
        await columns.Do($"alter table tracking.journal attach partition tracking.journal_{day} for values from ('{day}') to ('{day}'::date + 1)");
        await columns.AssertEqualsPostgres();
        await columns.Do($"alter table tracking.journal detach partition tracking.journal_{day}");
        await columns.Do($"drop table tracking.journal_{day}");
        await columns.Do("select tracking.ensure_partitions((now() at time zone 'utc')::date, 3)");
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task More_changes_than_the_backlog_allows_write_the_file_anew()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, options => options.MaxBacklog = 20);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(6));
        await columns.AssertEqualsPostgres();
        for (int step = 0; step < 200; step++)
        {
            await traffic.Step();
        }

        await traffic.Finish();
        Assert.Null(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
    }
}
