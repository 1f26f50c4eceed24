using System.Diagnostics;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Database.Migrations;
using Sessions.Host.Configuration;
using Sessions.Host.Database;

namespace Sessions.Host.Roles;

/// <summary>Runs a process with one role, started by a supervisor, in a container or by hand.</summary>
internal static class RoleProcess
{
    /// <summary>The line on standard output that tells the supervisor that the role is ready.</summary>
    public const string ReadyLine = "ready";

    /// <summary>The line on standard input that asks a supervised process to stop gracefully.</summary>
    public const string StopLine = "stop";

    // Orleans' last steps take longer than the timeout of the host.
    private static readonly TimeSpan SignOff = TimeSpan.FromSeconds(5);

    public static async Task Run(Invocation.Role role)
    {
        if (role.Name == CommandLine.Migrate)
        {
            await Migrate();
            return;
        }

        using IHost host = role.Name switch
        {
            CommandLine.Silo => RoleHost.Silo(),
            CommandLine.Columns => RoleHost.Columns(),
            _ => RoleHost.Gateway(),
        };
        if (role.Supervised)
        {
            ListenToSupervisor(host.Services.GetRequiredService<IHostApplicationLifetime>());
        }

        EndInTime(host);
        CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            await RequireSchema(host.Services.GetRequiredService<IConfiguration>(), canWait: role.Name != CommandLine.Silo, stopping);
            await host.StartAsync();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The process was asked to stop during its start.
            return;
        }

        await Console.Out.WriteLineAsync(ReadyLine);
        await host.WaitForShutdownAsync();
    }

    /// <summary>
    /// Ends the process when Postgres is unavailable, so that it can't sign off from the cluster. A silo that went on
    /// stopping would answer no calls while the other silos still count on it.
    /// </summary>
    private static void EndInTime(IHost host)
    {
        TimeSpan patience = host.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + SignOff;
        TimeProvider time = host.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _ = KillAfter(patience, time));
    }

    private static async Task KillAfter(TimeSpan patience, TimeProvider time)
    {
        await Task.Delay(patience, time);
        Process.GetCurrentProcess().Kill();
    }

    /// <summary>
    /// Checks the schema of the database. With an older schema some statements of this version would fail and others
    /// would not.
    /// </summary>
    /// <param name="configuration">Has the connection string of Postgres.</param>
    /// <param name="canWait">
    /// Whether the process may start without Postgres. A gateway may: it answers 503 until Postgres is available.
    /// </param>
    /// <param name="stopping">Cancels the check.</param>
    /// <exception cref="InvalidOperationException">The schema is older, or Postgres can't be reached.</exception>
    private static async Task RequireSchema(IConfiguration configuration, bool canWait, CancellationToken stopping)
    {
        string postgres = configuration.RequirePostgres();
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(postgres);
        IReadOnlyList<string> missing;
        try
        {
            missing = canWait
                ? await Migrator.Missing(database, stopping)
                : await Patient(configuration).Do(postgres, () => Migrator.Missing(database, stopping), stopping);
        }
        catch (Exception away) when (canWait && PostgresAway.Is(away))
        {
            // The schema is unknown. Without Postgres the process accepts nothing, and reports that.
            return;
        }

        if (missing.Count > 0)
        {
            throw new InvalidOperationException(
                $"the database's schema is older than this version, {ProductVersion.Number}: {missing.Count} steps, from {missing[0]} on, are missing; run migrate first");
        }
    }

    private static async Task Migrate()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(CommandLine.Migrate);
        DefaultProjectSettings project = configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
        string postgres = configuration.RequirePostgres();
        string? administrator = configuration[RoleConfiguration.Administrator];
        PatientStart patient = Patient(configuration);
        if (!string.IsNullOrEmpty(administrator))
        {
            await patient.Do(
                administrator, () => Bootstrap.PrepareServerFor(postgres, administrator, CancellationToken.None), CancellationToken.None);
        }

        await patient.Do(
            postgres,
            () => Bootstrap.PrepareDatabase(postgres, project.Token, project.ApiKey, project.ReaderPassword, project.OperatorKey, CancellationToken.None),
            CancellationToken.None);
        if (!string.IsNullOrEmpty(administrator))
        {
            await patient.Do(
                administrator, () => Bootstrap.RestrictFunctionsFor(postgres, administrator, CancellationToken.None), CancellationToken.None);
        }
    }

    private static PatientStart Patient(IConfiguration configuration) =>
        new(configuration.Read<PostgresStartSettings>(PostgresStartSettings.Section).StartPatience, TimeProvider.System);

    private static void ListenToSupervisor(IHostApplicationLifetime lifetime)
    {
        // On a thread of its own, because a read from the console can't be cancelled.
        Thread listener = new(() =>
        {
            while (Console.In.ReadLine() is { } line)
            {
                if (line == StopLine)
                {
                    lifetime.StopApplication();
                    return;
                }
            }

            // The supervisor is dead. The next one needs our ports, and everything that we have answered is durable:
            // ending now is like a crash, which the product survives.
            Process.GetCurrentProcess().Kill();
        })
        {
            IsBackground = true,
            Name = "supervisor",
        };
        listener.Start();
    }
}
