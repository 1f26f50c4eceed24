using Sessions.Host;
using Sessions.Run;
using Sessions.Run.Import;
using Sessions.Run.Projects;
using Sessions.Run.Supervision;

return await Commands.Run(async () =>
{
    switch (RunCommandLine.Parse(args))
    {
        case Invocation.Help:
            Console.WriteLine(RunCommandLine.HelpText);
            return ExitCodes.Stopped;
        case Invocation.Version:
            return Commands.PrintVersion();
        case Invocation.Wrong wrong:
            return Commands.Fail(wrong.Reason, ExitCodes.Wrong);
        case ImportInvocation import:
            return await ImportCommand.Run(import, TimeProvider.System);
        case ProjectsInvocation projects:
            return await ProjectsCommand.Run(projects, Console.Out);
        case SuperviseInvocation supervise:
            return await Supervisor.Run(supervise, TimeProvider.System);
        case var unknown:
            throw new InvalidOperationException($"No code runs the command {unknown}.");
    }
});
