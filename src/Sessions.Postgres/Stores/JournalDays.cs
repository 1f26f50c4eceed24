using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>The journal's days: a partition each, which goes as a whole, in steps that can be undone but for the last.</summary>
internal sealed class JournalDays(NpgsqlDataSource database) : IJournalDays
{
    // A partition is detached once every transaction that may still see it has ended, and sessions of a day are many.
    private const int DropTimeoutSeconds = 1_800;

    private const string WholeDay = "";

    private static readonly string Days = QueryText.Read("journal_days.sql");
    private static readonly string DaysLeaving = QueryText.Read("journal_days_leaving.sql");
    private static readonly string Projects = QueryText.Read("journal_day_projects.sql");
    private static readonly string IsLive = QueryText.Read("journal_day_is_live.sql");
    private static readonly string Agree = QueryText.Read("journal_day_agree.sql");
    private static readonly string SetAside = QueryText.Read("journal_day_set_aside.sql");
    private static readonly string DetachStatements = QueryText.Read("journal_day_detach_statements.sql");
    private static readonly string Detached = QueryText.Read("journal_day_detached.sql");
    private static readonly string ForgetAside = QueryText.Read("journal_day_forget_aside.sql");
    private static readonly string ForgetSome = QueryText.Read("journal_day_forget_some.sql");
    private static readonly string KeepNames = QueryText.Read("journal_day_keep_names.sql");
    private static readonly string ReleaseNames = QueryText.Read("journal_day_release_names.sql");
    private static readonly string ForgetNames = QueryText.Read("journal_day_forget_names.sql");
    private static readonly string ForgetDevices = QueryText.Read("devices_forget.sql");
    private static readonly string DeleteSessions = QueryText.Read("journal_day_delete_sessions.sql");
    private static readonly string DropStatements = QueryText.Read("journal_day_drop_statements.sql");
    private static readonly string AttachStatements = QueryText.Read("journal_day_attach_statements.sql");
    private static readonly string BringBack = QueryText.Read("journal_day_bring_back.sql");
    private static readonly string Stays = QueryText.Read("journal_day_stays.sql");
    private static readonly string TryLock = QueryText.Read("journal_day_lock.sql");

    public Task<IReadOnlyList<DateOnly>> All() => Ask(async connection =>
    {
        await using var command = new NpgsqlCommand(Days, connection);
        return await Read(command, row => row.GetFieldValue<DateOnly>(0));
    });

    public Task<IReadOnlyList<LeavingDay>> Leaving() => Ask(async connection =>
    {
        await using var command = new NpgsqlCommand(DaysLeaving, connection);
        return await Read(command, row => new LeavingDay(
            row.GetFieldValue<DateOnly>(0), row.GetString(1) is var project && project == WholeDay ? null : project));
    });

    public Task<IReadOnlyList<string>> ProjectsOf(DateOnly day) => Ask(connection => ProjectsOf(day, connection));

    public Task<DayStep> TryDrop(DateOnly day) => InTurn(DayStep.Stays, async connection =>
    {
        if (await HasLive(connection, day, project: null))
        {
            return DayStep.Stays;
        }

        await using NpgsqlCommand agree = Of(Agree, day, connection, WholeDay);
        var state = (await Read(agree, row => (Agreed: row.GetBoolean(0), IsDetached: row.GetBoolean(2), IsOver: row.GetBoolean(3)))).Single();
        switch (state)
        {
            case { IsOver: true }:
                await Drop(day, connection);
                return DayStep.Gone;
            case { IsDetached: false, Agreed: true }:
                await Detach(day, connection);
                return DayStep.Detached;
            default:
                return DayStep.Waits;
        }
    });

    public Task<DayStep> TryForget(DateOnly day, string project) => InTurn(DayStep.Stays, async connection =>
    {
        if (await HasLive(connection, day, project))
        {
            return DayStep.Stays;
        }

        await using NpgsqlCommand agree = Of(Agree, day, connection, project);
        if (!(await Read(agree, row => row.GetBoolean(1))).Single())
        {
            return DayStep.Waits;
        }

        for (Guid? after = Guid.Empty; after is not null;)
        {
            await using NpgsqlCommand some = Of(ForgetSome, day, connection, project, after.Value);
            (after, string[] devices) = (await Read(some, row => (IdOrNull(row), row.GetFieldValue<string[]>(1)))).Single();
            await ForgetIdle(connection, project, devices);
        }

        await ForgetNamesOf(project, day, connection);
        await Run(Of(Stays, day, connection, project));
        return DayStep.Gone;
    });

    public Task<bool> Keep(LeavingDay leaving) => InTurn(false, async connection =>
    {
        if (leaving.Project is null)
        {
            await RunAll(AttachStatements, leaving.Day, connection);
            await Run(Of(BringBack, leaving.Day, connection));
        }

        await Run(Of(Stays, leaving.Day, connection, leaving.Project ?? WholeDay));
        return true;
    });

    /// <summary>The rows first: a session that gets an event while its day is detached begins anew.</summary>
    private static async Task Detach(DateOnly day, NpgsqlConnection connection)
    {
        foreach (string project in await ProjectsOf(day, connection))
        {
            for (Guid? after = Guid.Empty; after is not null;)
            {
                await using NpgsqlCommand some = Of(InPartition(SetAside, day), day, connection, project, after.Value);
                after = (await Read(some, IdOrNull)).Single();
            }
        }

        await RunAll(DetachStatements, day, connection);
        await Run(Of(Detached, day, connection));
    }

    private static async Task Drop(DateOnly day, NpgsqlConnection connection)
    {
        foreach (string project in await ProjectsOf(day, connection))
        {
            for (int found = 1; found > 0;)
            {
                await using NpgsqlCommand some = Of(ForgetAside, day, connection, project);
                (found, string[] devices) = (await Read(some, row => (row.GetInt32(0), row.GetFieldValue<string[]>(1)))).Single();
                await ForgetIdle(connection, project, devices);
            }

            await ForgetNamesOf(project, day, connection);
        }

        await Run(Of(DeleteSessions, day, connection));
        await RunAll(DropStatements, day, connection);
        await Run(Of(Stays, day, connection, WholeDay));
    }

    /// <summary>In this order, and each again when it was broken off after some of them.</summary>
    private static async Task ForgetNamesOf(string project, DateOnly day, NpgsqlConnection connection)
    {
        foreach (string statement in (string[])[KeepNames, ReleaseNames, ForgetNames])
        {
            await Run(Of(statement, day, connection, project));
        }
    }

    private static async Task<bool> HasLive(NpgsqlConnection connection, DateOnly day, string? project)
    {
        await using NpgsqlCommand isLive = Of(IsLive, day, connection);
        isLive.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)project ?? DBNull.Value });
        return (bool)(await isLive.ExecuteScalarAsync())!;
    }

    private static async Task ForgetIdle(NpgsqlConnection connection, string project, string[] devices)
    {
        await using var forget = new NpgsqlCommand(ForgetDevices, connection);
        forget.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        forget.Parameters.Add(Columns.Text(devices, device => device));
        await forget.ExecuteNonQueryAsync();
    }

    private static async Task<IReadOnlyList<string>> ProjectsOf(DateOnly day, NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = new(InPartition(Projects, day), connection) { CommandTimeout = DropTimeoutSeconds };
        return await Read(command, row => row.GetString(0));
    }

    /// <summary>A detached partition is found by its own name alone.</summary>
    private static string InPartition(string statement, DateOnly day) => statement.Replace(
        "{journal}", string.Create(CultureInfo.InvariantCulture, $"tracking.journal_{day:yyyyMMdd}"), StringComparison.Ordinal);

    private static Guid? IdOrNull(NpgsqlDataReader row) => row.IsDBNull(0) ? null : row.GetGuid(0);

    /// <summary>Runs the statements that a statement makes for a day.</summary>
    private static async Task RunAll(string makesStatements, DateOnly day, NpgsqlConnection connection)
    {
        await using NpgsqlCommand make = Of(makesStatements, day, connection);
        foreach (string statement in (await Read(make, row => row.GetFieldValue<string[]>(0))).Single())
        {
            await Run(new NpgsqlCommand(statement, connection) { CommandTimeout = DropTimeoutSeconds });
        }
    }

    private static async Task Run(NpgsqlCommand command)
    {
        await using (command)
        {
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Does it when no other silo is at the journal's days; detaching needs a connection without a transaction.</summary>
    private Task<T> InTurn<T>(T otherwise, Func<NpgsqlConnection, Task<T>> work) => Ask(async holder =>
    {
        await using NpgsqlTransaction turn = await holder.BeginTransactionAsync();
        await using var tryLock = new NpgsqlCommand(TryLock, holder, turn);
        if (!(bool)(await tryLock.ExecuteScalarAsync())!)
        {
            return otherwise;
        }

        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        T done = await work(connection);
        await turn.CommitAsync();
        return done;
    });

    private async Task<T> Ask<T>(Func<NpgsqlConnection, Task<T>> ask)
    {
        try
        {
            await using NpgsqlConnection connection = await database.OpenConnectionAsync();
            return await ask(connection);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("The journal's days can't be looked after now.", failure);
        }
    }

    private static NpgsqlCommand Of(string statement, DateOnly day, NpgsqlConnection connection, string? project = null, Guid? after = null)
    {
        var command = new NpgsqlCommand(statement, connection)
        {
            CommandTimeout = DropTimeoutSeconds,
            Parameters = { new NpgsqlParameter<DateOnly> { TypedValue = day } },
        };
        if (project is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        }

        if (after is not null)
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Value });
        }

        return command;
    }

    private static async Task<IReadOnlyList<T>> Read<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
