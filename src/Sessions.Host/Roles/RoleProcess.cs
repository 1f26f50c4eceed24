using System.Diagnostics;
using Microsoft.Extensions.Options;
using Sessions.Host.Configuration;
using Sessions.Host.Database;

namespace Sessions.Host.Roles;

/// <summary>A process with one role, run by a supervisor, a container or by hand.</summary>
internal static class RoleProcess
{
    /// <summary>The line on standard output that says that the role is at work.</summary>
    public const string ReadyLine = "ready";

    /// <summary>The line on standard input that asks a supervised process to stop in order.</summary>
    public const string StopLine = "stop";

    // Orleans' own last steps go on for longer than the host lets it.
    private static readonly TimeSpan SignOff = TimeSpan.FromSeconds(5);

    public static async Task Run(Invocation.Role role)
    {
        if (role.Name == CommandLine.Migrate)
        {
            await Migrate();
            return;
        }

        using IHost host = role.Name == CommandLine.Silo ? RoleHost.Silo() : RoleHost.Gateway();
        if (role.Supervised)
        {
            ListenToSupervisor(host.Services.GetRequiredService<IHostApplicationLifetime>());
        }

        EndInTime(host);
        await host.StartAsync();
        await Console.Out.WriteLineAsync(ReadyLine);
        await host.WaitForShutdownAsync();
    }

    /// <summary>
    /// Who can't sign off, with Postgres away, ends all the same: a silo that goes on stopping is one that its fellows
    /// count on and that answers nothing.
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

    private static async Task Migrate()
    {
        ConfigurationManager configuration = new();
        configuration.AddRole(CommandLine.Migrate);
        DefaultProjectSettings project = configuration.Read<DefaultProjectSettings>(DefaultProjectSettings.Section);
        await Bootstrap.PrepareDatabase(
            configuration.RequirePostgres(), project.Token, project.ApiKey, project.ReaderPassword, CancellationToken.None);
    }

    private static void ListenToSupervisor(IHostApplicationLifetime lifetime)
    {
        // A thread of its own, because a read from the console can't be called off.
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

            // The supervisor is dead. Whoever starts it again needs our ports, and what we have answered is safe:
            // ending now is no worse than being killed, which everything here is built to survive.
            Process.GetCurrentProcess().Kill();
        })
        {
            IsBackground = true,
            Name = "supervisor",
        };
        listener.Start();
    }
}
