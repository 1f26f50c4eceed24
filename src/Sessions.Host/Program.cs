using Sessions.Host;
using Sessions.Host.Configuration;
using Sessions.Host.Import;
using Sessions.Host.Roles;
using Sessions.Host.Supervision;

try
{
    switch (CommandLine.Parse(args))
    {
        case Invocation.Help:
            Console.WriteLine(CommandLine.HelpText);
            return ExitCodes.Stopped;
        case Invocation.Version:
            Console.WriteLine($"Orleans.Sessions {ProductVersion.Number} {ProductVersion.Commit}".TrimEnd());
            return ExitCodes.Stopped;
        case Invocation.Wrong wrong:
            return Fail(wrong.Reason, ExitCodes.Wrong);
        case Invocation.Role role:
            await RoleProcess.Run(role);
            return ExitCodes.Stopped;
        case Invocation.Import import:
            return await ImportCommand.Run(import, TimeProvider.System);
        case Invocation.Health health:
            return await HealthCommand.Run(health.Address);
        case Invocation.Supervise supervise:
            return await Supervisor.Run(supervise, TimeProvider.System);
        case var unknown:
            throw new InvalidOperationException($"Nobody runs {unknown}.");
    }
}
catch (Exception wrong) when (wrong is ConfigurationException or OrleansConfigurationException)
{
    return Fail(RoleConfiguration.FirstLine(wrong), ExitCodes.Wrong);
}
catch (Exception failure)
{
    return Fail(RoleConfiguration.Reason(failure), ExitCodes.Failed);
}

static int Fail(string reason, int exitCode)
{
    Console.Error.WriteLine(ExitCodes.Prefix + reason);
    return exitCode;
}
