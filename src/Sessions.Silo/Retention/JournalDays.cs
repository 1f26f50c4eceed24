using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Silo.Retention;

/// <summary>
/// The journal's days; a session belongs to the day on which it was born. A day is removed in steps: it is detached
/// when its removal was requested at least twice, an hour apart, and deleted when it was requested again a day later.
/// </summary>
internal sealed class JournalDays(NpgsqlDataSource database)
{
    // Long: Postgres detaches a partition only when every transaction that may see it has ended, and a day has many
    // sessions.
    private const int DropTimeoutSeconds = 1_800;

    private const string WholeDay = "";

    private static readonly string Days = SqlFile.Read("journal_days.sql");
    private static readonly string DaysLeaving = SqlFile.Read("journal_days_leaving.sql");
    private static readonly string Projects = SqlFile.Read("journal_day_projects.sql");
    private static readonly string NoteProjects = SqlFile.Read("journal_day_note_projects.sql");
    private static readonly string IsLive = SqlFile.Read("journal_day_is_live.sql");
    private static readonly string Agree = SqlFile.Read("journal_day_agree.sql");
    private static readonly string SetAside = SqlFile.Read("journal_day_set_aside.sql");
    private static readonly string DetachStatements = SqlFile.Read("journal_day_detach_statements.sql");
    private static readonly string Detached = SqlFile.Read("journal_day_detached.sql");
    private static readonly string ForgetAside = SqlFile.Read("journal_day_forget_aside.sql");
    private static readonly string ForgetSome = SqlFile.Read("journal_day_forget_some.sql");
    private static readonly string KeepNames = SqlFile.Read("journal_day_keep_names.sql");
    private static readonly string ReleaseNames = SqlFile.Read("journal_day_release_names.sql");
    private static readonly string ForgetNames = SqlFile.Read("journal_day_forget_names.sql");
    private static readonly string ForgetDevices = SqlFile.Read("devices_forget.sql");
    private static readonly string DeleteSessions = SqlFile.Read("journal_day_delete_sessions.sql");
    private static readonly string DropStatements = SqlFile.Read("journal_day_drop_statements.sql");
    private static readonly string AttachStatements = SqlFile.Read("journal_day_attach_statements.sql");
    private static readonly string BringBack = SqlFile.Read("journal_day_bring_back.sql");
    private static readonly string Stays = SqlFile.Read("journal_day_stays.sql");
    private static readonly string TryLock = SqlFile.Read("journal_day_lock.sql");

    /// <summary>Lists all days, oldest first.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<IReadOnlyList<DateOnly>> All() => Ask(async connection =>
    {
        await using var command = new NpgsqlCommand(Days, connection);
        return await Read(command, row => row.GetFieldValue<DateOnly>(0));
    });

    /// <summary>Lists the days whose removal has begun.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<IReadOnlyList<LeavingDay>> Leaving() => Ask(async connection =>
    {
        await using var command = new NpgsqlCommand(DaysLeaving, connection);
        return await Read(command, row => new LeavingDay(
            row.GetFieldValue<DateOnly>(0), row.GetString(1) is var project && project == WholeDay ? null : project));
    });

    /// <summary>
    /// Lists the projects with entries of that day; null when another silo has dropped the day meanwhile.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task<IReadOnlyList<string>?> ProjectsOf(DateOnly day) => Ask<IReadOnlyList<string>?>(async connection =>
    {
        try
        {
            return await ProjectsOf(day, connection);
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Another silo's sweep dropped it since the days were listed.
            return null;
        }
    });

    /// <summary>Notes that the projects had sessions, before some of them are removed.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public Task Note(IReadOnlyList<string> projects) => Ask(async connection =>
    {
        await using NpgsqlCommand command = new(NoteProjects, connection);
        command.Parameters.Add(new() { Value = projects.ToArray() });
        return await command.ExecuteNonQueryAsync();
    });

    /// <summary>Takes the next step in the removal of a day and its sessions, without blocking writers.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// Postgres is away. The next call finishes what was begun.
    /// </exception>
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

    /// <summary>
    /// Removes one project's part of a day that other projects still keep, when the removal was first requested at
    /// least a day ago.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">
    /// Postgres is away. The next call finishes what was begun.
    /// </exception>
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

    /// <summary>
    /// Restores a day that must stay after all, if it is not deleted yet. False when another silo works on the
    /// journal's days.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
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

    /// <summary>
    /// Sets the session rows aside first. A session that gets an event while its day is detached then begins again with
    /// a new row.
    /// </summary>
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

    /// <summary>The order matters. After an interruption, all of these statements are repeated.</summary>
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

    /// <summary>
    /// Inserts the partition's own name: a detached partition can't be reached through the parent table.
    /// </summary>
    private static string InPartition(string statement, DateOnly day) => statement.Replace(
        "{journal}", string.Create(CultureInfo.InvariantCulture, $"tracking.journal_{day:yyyyMMdd}"), StringComparison.Ordinal);

    private static Guid? IdOrNull(NpgsqlDataReader row) => row.IsDBNull(0) ? null : row.GetGuid(0);

    /// <summary>Runs the statements that another statement generates for a day.</summary>
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

    /// <summary>
    /// Runs the work if no other silo works on the journal's days. The lock has a connection of its own, because a
    /// partition can't be detached inside a transaction.
    /// </summary>
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
        catch (Exception failure) when (PostgresAway.Is(failure))
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
