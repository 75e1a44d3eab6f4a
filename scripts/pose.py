from vigil.pose.command import read_job
from vigil.pose.run import run
from vigil.stage import run_stage

if __name__ == "__main__":
    run_stage(run, read_job())
