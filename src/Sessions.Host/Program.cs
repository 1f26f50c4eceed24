using Sessions.Host;
using Sessions.Host.Roles;
using Sessions.Host.Tls;

return await Commands.Run(async () =>
{
    switch (CommandLine.Parse(args))
    {
        case Invocation.Help:
            Console.WriteLine(CommandLine.HelpText);
            return ExitCodes.Stopped;
        case Invocation.Version:
            return Commands.PrintVersion();
        case Invocation.Wrong wrong:
            return Commands.Fail(wrong.Reason, ExitCodes.Wrong);
        case Invocation.Role role:
            await RoleProcess.Run(role);
            return ExitCodes.Stopped;
        case Invocation.Certificates certificates:
            foreach (string file in CertificateFiles.Make(certificates.Directory, certificates.Authority, TimeProvider.System))
            {
                Console.WriteLine(file);
            }

            return ExitCodes.Stopped;
        case Invocation.Health health:
            return await HealthCommand.Run(health.Address);
        case var unknown:
            throw new InvalidOperationException($"No code runs the command {unknown}.");
    }
});
