using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Columns.Filling;

namespace Sessions.Tests.Columns;

/// <summary>The file is a cache: whatever happens to it, answers are right, or Postgres gives them.</summary>
public sealed class FileTests(TestPostgres postgres)
{
    [Fact]
    public async Task The_first_question_has_no_answer_and_begins_to_write_the_file()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);

        Assert.Null(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
        Assert.True(File.Exists(columns.FilePath));
    }

    [Fact]
    public async Task A_start_opens_the_file_before_the_first_question()
    {
        await using TestColumns columns = await Filled();
        await columns.Restart();
        Assert.Empty(columns.Open.Open);

        await columns.Keeper().OpenLatest(TestContext.Current.CancellationToken);

        Assert.NotNull(Assert.Single(columns.Open.Open).State);
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_start_with_a_damaged_file_goes_on()
    {
        await using TestColumns columns = await Filled();
        await columns.Restart(() => File.WriteAllText(columns.FilePath, "no database at all"));

        await columns.Keeper().OpenLatest(TestContext.Current.CancellationToken);

        await columns.AssertEqualsPostgres();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("overwritten")]
    [InlineData("no database")]
    public async Task A_damaged_file_is_written_anew(string damage)
    {
        await using TestColumns columns = await Filled();
        await columns.Restart(() =>
        {
            byte[] bytes = File.ReadAllBytes(columns.FilePath);
            switch (damage)
            {
                case "missing":
                    File.Delete(columns.FilePath);
                    break;
                case "empty":
                    File.WriteAllBytes(columns.FilePath, []);
                    break;
                case "cut":
                    File.WriteAllBytes(columns.FilePath, bytes[..(bytes.Length / 2)]);
                    break;
                case "overwritten":
                    bytes.AsSpan(4096, bytes.Length - 4096).Fill(0xAA);
                    File.WriteAllBytes(columns.FilePath, bytes);
                    break;
                default:
                    File.WriteAllText(columns.FilePath, "no database at all");
                    break;
            }
        });

        await columns.AssertEqualsPostgres();
    }

    [Theory]
    [InlineData("Format", "another")]
    [InlineData("Holder", "00000000-0000-0000-0000-000000000001")]
    [InlineData("System", "1")]
    [InlineData("Timeline", "99")]
    [InlineData("Database", "1")]
    [InlineData("ProjectMade", "2020-01-01T00:00:00Z")]
    [InlineData("Log", "99999999999999")]
    [InlineData("Oldest", "99999999999999")]
    public async Task A_file_of_another_origin_is_not_used(string name, string value)
    {
        await using TestColumns columns = await Filled();
        await columns.Restart(() => Change(columns, $"UPDATE holding.state SET value = '{value}' WHERE name = '{name}'"));

        Assert.Null(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_holder_that_was_forgotten_writes_its_files_anew_before_it_uses_them()
    {
        await using TestColumns columns = await Filled();
        await columns.Do("delete from tracking.copy_holders");

        Assert.Null(await columns.TryAsk("SELECT 1"));
        await columns.Open.Holder.KeepAlive(default);
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_project_that_is_made_anew_has_nothing_of_the_former_one()
    {
        await using TestColumns columns = await Filled();
        Guid holder = columns.Open.Holder.Id!.Value;
        await columns.Do("delete from tracking.journal where project = $1", columns.Project);
        await columns.Do("delete from tracking.sessions where project = $1", columns.Project);
        await columns.Do("delete from tracking.identities where project = $1", columns.Project);
        await columns.Do("delete from tracking.projects where project = $1", columns.Project);
        Assert.Null(await columns.TryAsk("SELECT 1"));
        Assert.False(File.Exists(columns.FilePath));
        await columns.Do("insert into tracking.projects (project, token, api_key_sha256) values ($1, 'again', '')", columns.Project);

        await columns.AssertEqualsPostgres();
        Assert.Equal(holder, columns.Open.Holder.Id);
        Assert.Equal(0L, (await columns.Ask("SELECT count(*) FROM events")).Rows[0][0]);
    }

    [Fact]
    public async Task A_process_that_is_killed_between_catch_ups_goes_on_with_its_file()
    {
        await using TestColumns columns = await Filled();
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(9));
        for (int step = 0; step < 100; step++)
        {
            await traffic.Step();
        }

        await columns.AssertEqualsPostgres();
        // What a kill leaves: the file and its log, in the middle of being used.
        File.Copy(columns.FilePath, columns.FilePath + ".copy");
        bool hasLog = File.Exists(columns.FilePath + ".wal");
        if (hasLog)
        {
            File.Copy(columns.FilePath + ".wal", columns.FilePath + ".copy.wal");
        }

        await traffic.Finish();
        await columns.Restart(() =>
        {
            File.Move(columns.FilePath + ".copy", columns.FilePath, overwrite: true);
            File.Delete(columns.FilePath + ".wal");
            if (hasLog)
            {
                File.Move(columns.FilePath + ".copy.wal", columns.FilePath + ".wal");
            }
        });

        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_file_that_is_sorted_in_small_parts_has_the_same_rows()
    {
        await using TestColumns columns = await Filled();
        DuckLimits limits = new(128, 1, 100, RowsToSort: 20);
        await columns.Restart(() =>
        {
            FileBuilder.Rewrite(columns.FilePath, limits);
            DuckFile.Replace(columns.FilePath, FileBuilder.NewPath(columns.FilePath));
        });
        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();

        Guid holder = columns.Open.Holder.Id!.Value;
        await using (SourceSnapshot snapshot = (await new Source(columns.Database).Take(columns.Project, holder, default))!)
        {
            await FileBuilder.Build(snapshot, columns.FilePath, holder, limits, 24, null, default);
        }

        await columns.Restart(() =>
        {
            DuckFile.Replace(columns.FilePath, FileBuilder.NewPath(columns.FilePath));
        });
        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        await columns.AssertEqualsPostgres();
    }

    private async Task<TestColumns> Filled()
    {
        TestColumns columns = await TestColumns.Start(postgres);
        await using RandomTraffic traffic = new(columns.Database, columns.Project, new Random(7));
        for (int step = 0; step < 150; step++)
        {
            await traffic.Step();
        }

        await traffic.Finish();
        await columns.AssertEqualsPostgres();
        return columns;
    }

    private static void Change(TestColumns columns, string sql)
    {
        using DuckDBConnection duck = new($"DataSource={columns.FilePath}");
        duck.Open();
        using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = sql;
        Assert.Equal(1, command.ExecuteNonQuery());
    }
}
